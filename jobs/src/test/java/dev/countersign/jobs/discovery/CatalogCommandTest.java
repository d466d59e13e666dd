package dev.countersign.jobs.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.DenyingFileSystem;
import dev.countersign.jobs.cli.ProgramRuns;
import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CatalogCommandTest {

  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  @TempDir Path folder;
  private ProgramRuns program;

  @BeforeEach
  void setUp() throws IOException {
    program = new ProgramRuns(folder);
    program.file("lake/vision/classifier/config.json", "{}");
    program.file("lake/language/encoder/model.safetensors", "");
    program.file("lake/language/encoder/model.sig", "");
    program.file("lake/.git/config.json", "");
  }

  @Test
  void catalog_withoutAFile_printsCsvAndSaysHowModelsWereTold() {
    Ended ended = program.run("catalog", "lake");

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.OK);
    assertThat(ended.out())
        .isEqualTo(
            "model,name,version,layout\n"
                + folder
                + "/lake/language/encoder,language/encoder,,markers\n"
                + folder
                + "/lake/vision/classifier,vision/classifier,,markers\n");
    assertThat(ended.err())
        .isEqualTo(
            """
            lake: no layout recognized, so models are recognized by marker files (--layout markers)
            2 models found in 5 folders
            """);
  }

  @Test
  void catalog_quiet_saysNothingElse() {
    Ended ended =
        program.run("catalog", "--quiet", "--depth", "2", "--catalog-format", "jsonl", "lake");

    assertThat(ended.err()).isEmpty();
    assertThat(ended.outLines()).hasSize(2);
    assertThat(ended.outLines().get(0))
        .isEqualTo(
            "{\"model\":\""
                + folder
                + "/lake/language/encoder\",\"name\":\"language/encoder\",\"layout\":\"depth\"}");
  }

  @Test
  void catalog_intoAFile_replacesItAndLeavesNothingElse() throws IOException {
    program.file("out/catalog.csv", "old");

    Ended ended =
        program.run(
            "catalog", "--write", "out/catalog.csv", "--relative", "lake/vision", "lake/language");

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.OK);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err()).endsWith("2 models found in 4 folders -> out/catalog.csv\n");
    assertThat(folder.resolve("out/catalog.csv"))
        .hasContent(
            """
            model,name,version,layout
            ../lake/vision/classifier,classifier,,markers
            ../lake/language/encoder,encoder,,markers
            """);
    assertThat(names("out")).containsExactly("catalog.csv");
  }

  @Test
  void catalog_overAPipe_isRefusedBeforeAnyWork() throws Exception {
    program.assertReplacesNoPipe("csv", named -> program.run("catalog", "--write", named, "lake"));
  }

  @Test
  void catalog_overALink_replacesTheFileItLeadsTo() throws Exception {
    program.assertReplacesWhatALinkLeadsTo(
        "csv", "model,", named -> program.run("catalog", "--write", named, "lake"));
  }

  @Test
  void catalog_byEnding_isWrittenInThatFormat() throws IOException {
    assertThat(program.run("catalog", "--write", "a.jsonl", "lake").code()).isZero();
    assertThat(program.run("catalog", "--write", "a.avro", "lake").code()).isZero();
    assertThat(program.run("catalog", "--write", "a.txt", "--catalog-format", "csv", "lake").code())
        .isZero();

    assertThat(Files.readString(folder.resolve("a.jsonl"))).startsWith("{\"model\":");
    assertThat(Files.readAllBytes(folder.resolve("a.avro"))).startsWith('O', 'b', 'j', 1);
    assertThat(Files.readString(folder.resolve("a.txt"))).startsWith("model,");
  }

  @Test
  void catalog_ofAHuggingFaceCache_saysWhatSigningNeeds() throws IOException {
    snapshot("hub/models--google--bert");
    Ended one = program.run("catalog", "hub");
    snapshot("hub/models--gpt2");
    Ended two = program.run("catalog", "hub");

    assertThat(one.code()).as(one.err()).isEqualTo(ExitCode.OK);
    assertThat(one.out())
        .isEqualTo(
            "model,name,version,layout,ref\n"
                + folder
                + "/hub/models--google--bert/snapshots/"
                + COMMIT
                + ",google/bert,"
                + COMMIT
                + ",huggingface,main\n");
    assertThat(one.err())
        .contains("hub: looks like --layout huggingface\n")
        .contains(
            "--allow-symlinks --symlink-root " + folder + "/hub/models--google--bert/blobs\n");
    assertThat(two.err())
        .contains("--allow-symlinks --symlink-root " + folder + "/hub\n")
        .doesNotContain("/blobs");
  }

  @Test
  void catalog_hintForAHuggingFaceCache_worksAsItStands() throws IOException {
    snapshot("hub/models--google--bert");
    String model = "hub/models--google--bert/snapshots/" + COMMIT;

    Ended dry =
        program.run(
            "digest",
            "--dry-run",
            "--allow-symlinks",
            "--symlink-root",
            folder + "/hub/models--google--bert/blobs",
            model);

    assertThat(dry.code()).as(dry.err()).isEqualTo(ExitCode.OK);
    assertThat(dry.out()).contains(model + "  (1 file");
  }

  @Test
  void catalog_hintForAHuggingFaceCacheWithSharedBlobs_worksAsItIsPrinted() throws IOException {
    snapshot("hub/models--google--bert");
    Path blob = folder.resolve("hub/models--google--bert/blobs/abc");
    Files.delete(blob);
    program.file("hub/blobs/ab/abcd", "{}");
    program.file("hub/blobs/.huggingface-shared-blobs", "1\n");
    Files.createSymbolicLink(blob, Path.of("../../blobs/ab/abcd"));
    String model = "hub/models--google--bert/snapshots/" + COMMIT;

    Ended found = program.run("catalog", "hub");
    Ended refused =
        program.run(
            "digest",
            "--dry-run",
            "--allow-symlinks",
            "--symlink-root",
            "hub/models--google--bert/blobs",
            model);
    Ended dry =
        program.run(
            "digest", "--dry-run", "--allow-symlinks", "--symlink-root", folder + "/hub", model);

    assertThat(found.err())
        .contains("hub: looks like --layout huggingface\n")
        .contains("--allow-symlinks --symlink-root " + folder + "/hub\n");
    assertThat(refused.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(dry.code()).as(dry.err()).isEqualTo(ExitCode.OK);
    assertThat(dry.out()).contains(model + "  (1 file");
  }

  @Test
  void catalog_ofAGlobThatMatchesALinkToAnotherMatch_searchesOnce() throws IOException {
    program.file("caches/v1/model/config.json", "{}");
    Files.createSymbolicLink(folder.resolve("caches/latest"), Path.of("v1"));

    Ended found = program.run("catalog", "caches/*/");

    assertThat(found.code()).as(found.err()).isEqualTo(ExitCode.OK);
    assertThat(found.outLines()).hasSize(2).last().asString().contains("caches/v1/model");
  }

  @Test
  void catalog_ofAGlobThatMatchesALinkOutOfItsFolder_isRefused() throws IOException {
    program.file("caches/v1/model/config.json", "{}");
    program.file("elsewhere/model/config.json", "{}");
    Files.createSymbolicLink(folder.resolve("caches/x"), folder.resolve("elsewhere"));

    Ended globbed = program.run("catalog", "caches/*");
    Ended named = program.run("catalog", "caches/x");

    assertThat(globbed.code()).isEqualTo(ExitCode.USAGE);
    assertThat(globbed.err())
        .contains(
            "The glob matches caches/x, which leads through a link to elsewhere, outside caches."
                + " Name that folder itself, without a glob.");
    assertThat(named.code()).as(named.err()).isEqualTo(ExitCode.OK);
  }

  @Test
  void catalog_withFoldersThatMayNotBeListed_namesThemAndWritesTheRest() throws IOException {
    program.file("lake/vision/denied/config.json", "{}");

    Ended ended =
        program.run(
            "catalog",
            "--fs-option",
            DenyingFileSystem.OPTION,
            "--write",
            "partial.csv",
            "denying://" + folder + "/lake");

    assertThat(ended.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(ended.err())
        .contains(
            "FAILED   This user may not read denying://"
                + folder
                + "/lake/vision/denied. Grant read access to it and to all folders above it.\n")
        .contains("Models are missing from the catalog if there are any in the 1 place above")
        .doesNotContain("Exception");
    assertThat(Files.readAllLines(folder.resolve("partial.csv")))
        .hasSize(3)
        .contains("denying://" + folder + "/lake/vision/classifier,vision/classifier,,markers");
  }

  @Test
  void catalog_ofNothing_isRefusedWithAHintAndLeavesTheOldFile() throws IOException {
    program.file("empty/readme.txt", "");
    program.file("old.csv", "old");

    Ended printed = program.run("catalog", "empty");
    Ended written = program.run("catalog", "--write", "old.csv", "--layout", "kaggle", "empty");

    assertThat(printed.code()).isEqualTo(ExitCode.USAGE);
    assertThat(printed.out()).isEmpty();
    assertThat(printed.err())
        .contains(
            "No model was found below empty, searched for folders that hold a file named"
                + " config.json, ")
        .contains("(--layout markers). Name files that only models have with --marker, the level");
    assertThat(written.code()).isEqualTo(ExitCode.USAGE);
    assertThat(written.err()).contains("OWNER/MODEL/FRAMEWORK/VARIATION/VERSION");
    assertThat(folder.resolve("old.csv")).hasContent("old");
    assertThat(names("")).containsExactly("empty", "lake", "old.csv");
  }

  @Test
  void catalog_ofWhatIsNoFolder_isRefused() {
    Ended none = program.run("catalog");
    Ended gone = program.run("catalog", "gone");
    Ended file = program.run("catalog", "lake/vision/classifier/config.json");
    Ended twice = program.run("catalog", "lake", "lake/vision");

    assertThat(List.of(none.code(), gone.code(), file.code(), twice.code()))
        .containsOnly(ExitCode.USAGE);
    assertThat(none.err()).contains("No folder was named.");
    assertThat(gone.err()).contains("There is nothing at gone. Check the path.");
    assertThat(file.err()).contains("classifier/config.json is not a folder");
    assertThat(twice.err())
        .contains("lake and lake/vision are the same folder, or one contains the other.");
  }

  @Test
  void catalog_thatWouldLieInAModel_isRefusedAndLeavesNothing() throws IOException {
    Ended ended = program.run("catalog", "--write", "lake/vision/classifier/catalog.csv", "lake");

    assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err())
        .contains("The catalog would lie inside the model lake/vision/classifier and change it.");
    assertThat(names("lake/vision/classifier")).containsExactly("config.json");
  }

  @Test
  void catalog_withOptionsThatDoNotFit_saysWhich() {
    Ended ending = program.run("catalog", "--write", "catalog.txt", "lake");
    Ended relative = program.run("catalog", "--relative", "lake");
    Ended avro = program.run("catalog", "--catalog-format", "avro", "lake");
    Ended elsewhere =
        program.run(
            "catalog",
            "--fs-option",
            DenyingFileSystem.OPTION,
            "--relative",
            "--write",
            "c.csv",
            "denying://" + folder + "/lake");
    Ended folderThere = program.run("catalog", "--write", folder + "/lake/../x.csv/", "lake");

    assertThat(ending.err()).contains("the ending says how the catalog is written");
    assertThat(relative.err()).contains("--relative needs --write");
    assertThat(avro.err()).contains("--catalog-format avro needs --write");
    assertThat(elsewhere.err()).contains("is in another store than the catalog");
    assertThat(List.of(ending.code(), relative.code(), avro.code(), elsewhere.code()))
        .containsOnly(ExitCode.USAGE);
    assertThat(folderThere.code()).as(folderThere.err()).isEqualTo(ExitCode.OK);
    assertThat(folder.resolve("c.csv")).doesNotExist();
  }

  @Test
  void catalog_whereItCannotBeWritten_saysSo() {
    Ended ended = program.run("catalog", "--write", "/proc/catalog.csv", "lake");

    assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err()).contains("/proc/catalog.csv cannot be written: ");
  }

  @Test
  void catalog_ofHostileNames_escapesThemForPeopleAlone() throws Exception {
    program.file("bad/m\n\u001b[2J/config.json", "");
    Files.createSymbolicLink(folder.resolve("bad/\u001b[31mlink"), folder.resolve("lake"));

    Ended ended = program.run("catalog", "--verbose", "bad");

    assertThat(ended.code()).isEqualTo(ExitCode.OK);
    assertThat(ended.out()).contains("\"m\n\u001b[2J\"");
    assertThat(ended.err())
        .doesNotContain("\u001b")
        .contains("Not followed: 1 link to folders, such as bad/\\u001b[31mlink.");
  }

  @Test
  void catalog_verbose_namesModelsInModels() throws IOException {
    program.file("lake/vision/classifier/part/config.json", "{}");

    Ended ended = program.run("catalog", "--verbose", "lake");

    assertThat(ended.outLines()).hasSize(3);
    assertThat(ended.err())
        .contains(
            "Left out: lake/vision/classifier/part, which is inside the model"
                + " lake/vision/classifier.");
  }

  private void snapshot(String repository) throws IOException {
    program.file(repository + "/blobs/abc", "{}");
    program.file(repository + "/refs/main", COMMIT);
    Path snapshot = Files.createDirectories(folder.resolve(repository + "/snapshots/" + COMMIT));
    Files.createSymbolicLink(snapshot.resolve("config.json"), Path.of("../../blobs/abc"));
  }

  private List<String> names(String below) throws IOException {
    try (Stream<Path> entries = Files.list(folder.resolve(below))) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }
}
