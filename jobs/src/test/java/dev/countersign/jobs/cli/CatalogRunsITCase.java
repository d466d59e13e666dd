package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs over catalogs, from end to end. */
final class CatalogRunsITCase {

  private static final Schema SCHEMA =
      new Schema.Parser()
          .parse(
              """
              {"type": "record", "name": "Entry", "fields": [
                {"name": "model", "type": ["null", "string"]},
                {"name": "name", "type": ["null", "string"]},
                {"name": "version", "type": ["null", "string"]},
                {"name": "signature", "type": ["null", "string"]},
                {"name": "ignore_paths", "type": ["null", {"type": "array", "items": "string"}]},
                {"name": "stars", "type": "long"}]}\
              """);

  @TempDir Path folder;
  private ProgramRuns program;

  @BeforeEach
  void setUp() throws IOException {
    program = new ProgramRuns(folder);
    program.keyPair("release");
    program.file("lake/a/weights.bin", "weights of a");
    program.file("lake/b/weights.bin", "weights of b");
    program.file("lake/b/logs/today", "a log");
    program.file("lake/one.bin", "one file");
  }

  @Test
  void csv_withBadLinesOfEachKind_signsTheRestAndNamesThem() throws IOException {
    program.file(
        "lake/catalog.csv",
        """
        model,name,version,signature,ignore_paths,team
        a,resnet,2,,,vision
        ,nameless,,,,vision
        a,too,few
        b,,,b.sig,"[""logs""]","many
        lines"
        b,,,/elsewhere/x.sig,,
        a,,,a/weights.bin,,
        a,,,,logs,
        a,,,,"[""..""]",
        one.bin,,,,,
        gone,,,,,
        "never closed,,,,,
        """);

    Ended ended =
        sign("--allow-catalog-ignores", "--output", "json", "--catalog", "lake/catalog.csv");

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(ended.outLines()).hasSize(11);
    assertThat(entry(ended, 0))
        .contains("\"outcome\":\"SIGNED\"", "\"name\":\"resnet\"", "\"version\":\"2\"")
        .contains("\"line\":2", "\"labels\":{\"team\":\"vision\"}");
    assertThat(entry(ended, 1))
        .contains("\"reason\":\"BAD_CATALOG_ENTRY\"", "\"line\":3", "\"team\":\"vision\"")
        .contains("catalog.csv, line 3: the field model is missing");
    assertThat(entry(ended, 2)).contains("\"BAD_CATALOG_ENTRY\"", "it has 3 fields");
    assertThat(entry(ended, 3))
        .contains("\"outcome\":\"SIGNED\"", "\"line\":5", "\"team\":\"many\\nlines\"")
        .contains("\"weakened\":[\"allow-catalog-ignores\"]");
    assertThat(entry(ended, 4)).contains("\"line\":7", "is neither in the model");
    assertThat(entry(ended, 5)).contains("\"line\":8", "does not end with .sig");
    assertThat(entry(ended, 6)).contains("\"line\":9", "is not a JSON array of strings");
    assertThat(entry(ended, 7)).contains("\"line\":10", "is not a path in the model");
    assertThat(entry(ended, 8)).contains("\"outcome\":\"SIGNED\"", "/lake/one.bin.sig\"");
    assertThat(entry(ended, 9)).contains("\"reason\":\"MODEL_NOT_FOUND\"", "\"line\":12");
    assertThat(entry(ended, 10))
        .contains("\"line\":13", "is never closed, so the catalog ends here");
    assertThat(folder.resolve("lake/b.sig")).exists();
    assertThat(folder.resolve("lake/a/weights.bin")).hasContent("weights of a");
    assertThat(ended.err()).contains("11 models: 3 signed, 8 failed; ");
  }

  @Test
  void jsonLines_signedAndVerified_agree() throws IOException {
    program.file(
        "lake/catalog.jsonl",
        """
        {"model": "a", "team": "vision", "stars": 5}
        {"model": "b", "ignore_paths": ["logs"]}
        {"model": "b", "model": "a"}
        """);

    Ended signed = sign("--allow-catalog-ignores", "--catalog", "lake/catalog.jsonl");
    Ended verified = verify("--output", "json", "--catalog", "lake/catalog.jsonl");

    assertThat(signed.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(signed.outLines())
        .containsExactlyInAnyOrder(
            "SIGNED   lake/a  -> lake/a/model.sig",
            "SIGNED   lake/b  -> lake/b/model.sig  (weakened by --allow-catalog-ignores)");
    assertThat(signed.err()).contains("FAILED   b  BAD_CATALOG_ENTRY: ", "catalog.jsonl, line 3: ");
    assertThat(entry(verified, 0))
        .contains("\"outcome\":\"VERIFIED\"", "\"stars\":\"5\"", "\"weakened\":[]");
    assertThat(entry(verified, 1)).contains("\"outcome\":\"VERIFIED\"", "\"weakened\":[]");
  }

  @Test
  void ignorePaths_whenVerifying_countOnlyWhereTheUserSaysSo() throws IOException {
    sign("lake/b");
    program.file("lake/b/logs/tomorrow", "not signed");
    program.file("lake/catalog.jsonl", "{\"model\": \"b\", \"ignore_paths\": [\"logs\"]}\n");

    Ended strict = verify("--catalog", "lake/catalog.jsonl");
    Ended allowed = verify("--allow-catalog-ignores", "--catalog", "lake/catalog.jsonl");

    assertThat(strict.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(strict.err()).contains("extra    logs/tomorrow");
    assertThat(allowed.code()).as(allowed.err()).isEqualTo(ExitCode.OK);
    assertThat(allowed.outLines())
        .containsExactly("VERIFIED lake/b  (weakened by --allow-catalog-ignores)");
  }

  @Test
  void ignorePaths_whenSigningOrDigesting_failTheirEntryUnlessTheUserAllowsThem()
      throws IOException {
    program.file(
        "lake/catalog.jsonl",
        "{\"model\": \"a\"}\n{\"model\": \"b\", \"ignore_paths\": [\"logs\"]}\n");

    Ended signed = sign("--catalog", "lake/catalog.jsonl");
    Ended planned = sign("--dry-run", "--catalog", "lake/catalog.jsonl");
    Ended digested = program.run("digest", "--catalog", "lake/catalog.jsonl");
    Ended allowed =
        program.run(
            "digest",
            "--allow-catalog-ignores",
            "--output",
            "json",
            "--catalog",
            "lake/catalog.jsonl");

    for (Ended refused : List.of(signed, planned, digested)) {
      assertThat(refused.code()).isEqualTo(ExitCode.MODEL_FAILED);
      assertThat(refused.outLines()).hasSize(1);
      assertThat(refused.err())
          .contains(
              "catalog.jsonl, line 2: the field ignore_paths leaves files out of the model, which"
                  + " a catalog may do only with --allow-catalog-ignores. Give that option, or"
                  + " remove the field.");
    }
    assertThat(folder.resolve("lake/a/model.sig")).exists();
    assertThat(folder.resolve("lake/b/model.sig")).doesNotExist();
    assertThat(allowed.code()).as(allowed.err()).isEqualTo(ExitCode.OK);
    assertThat(entry(allowed, 0)).contains("\"weakened\":[]");
    assertThat(entry(allowed, 1)).contains("\"weakened\":[\"allow-catalog-ignores\"]");
  }

  @Test
  void avro_thatIsCutOff_worksOnWhatIsWhole() throws IOException {
    Path catalog = folder.resolve("lake/catalog.avro");
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<>(new GenericDatumWriter<>(SCHEMA))) {
      writer.create(SCHEMA, Files.newOutputStream(catalog));
      for (String model : List.of("a", "b")) {
        GenericRecord record = new GenericData.Record(SCHEMA);
        record.put("model", model);
        record.put("stars", 5L);
        writer.append(record);
        writer.sync();
      }
    }
    Ended whole = program.run("digest", "--quiet", "--catalog", "lake/catalog.avro");
    byte[] bytes = Files.readAllBytes(catalog);
    Files.write(catalog, Arrays.copyOf(bytes, bytes.length - 1));
    Ended cut = program.run("digest", "--output", "json", "--catalog", "lake/catalog.avro");

    assertThat(whole.code()).as(whole.err()).isEqualTo(ExitCode.OK);
    assertThat(whole.outLines()).hasSize(2);
    assertThat(cut.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(entry(cut, 0)).contains("\"outcome\":\"DIGESTED\"", "\"stars\":\"5\"", "\"line\":1");
    assertThat(entry(cut, 1)).contains("record 2: the file ends in the middle of a block");
  }

  @Test
  void catalog_thatChangesDuringARun_breaksItAndKeepsWhatWasSigned() throws Exception {
    // The catalog is read up to 512 models and 256 KiB ahead.
    StringBuilder lines = new StringBuilder("model,padding\nlake/a,\n");
    for (int i = 0; i < 40_000; i++) {
      lines.append("missing/").append(i).append(',').append("x".repeat(100)).append('\n');
    }
    Path catalog = program.file("many.csv", lines.toString());
    Path results = Files.createDirectory(folder.resolve("results"));
    Thread editor =
        new Thread(
            () -> {
              while (!hasResults(results) && !Thread.currentThread().isInterrupted()) {
                LockSupport.parkNanos(1_000_000);
              }
              try {
                Files.writeString(catalog, "lake/b\n", StandardOpenOption.APPEND);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    editor.setDaemon(true);
    editor.start();

    Ended ended =
        program.run(
            "sign",
            "key",
            "--private-key",
            "release.key",
            "--window-models",
            "1",
            "--results",
            "results",
            "--checkpoint-interval",
            "100ms",
            "--catalog",
            "many.csv");

    editor.interrupt();
    editor.join();
    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.BROKEN);
    assertThat(ended.err())
        .contains("countersign: The catalog " + catalog + " changed since the run was started")
        .contains("What was signed stays signed: run the same command again with --skip-signed.");
    assertThat(ended.err()).containsPattern("[\\d,]+ models: 1 signed, [\\d,]+ failed");
    assertThat(ended.out()).contains("SIGNED   lake/a");
    assertThat(folder.resolve("lake/a/model.sig")).isRegularFile();
  }

  @Test
  void line_thatIsALinkToAnotherLinesModel_isTakenAsNamed() throws IOException {
    Files.createSymbolicLink(folder.resolve("lake/latest"), Path.of("a"));
    program.file("lake/catalog.csv", "model\nlatest\na\n");

    Ended ofCatalog = sign("--signature", "{model}.sig", "--catalog", "lake/catalog.csv");
    Ended ofGlob = sign("--signature", "{model}.sig", "lake/{latest,a}");

    assertThat(ofCatalog.code()).as(ofCatalog.err()).isEqualTo(ExitCode.OK);
    assertThat(ofCatalog.outLines())
        .containsExactlyInAnyOrder(
            "SIGNED   lake/latest  -> lake/latest.sig", "SIGNED   lake/a  -> lake/a.sig");
    assertThat(ofGlob.out()).contains("SKIPPED  lake/latest  (A link to ");
  }

  @Test
  void signature_underARootThatTheUserAllows_isTaken() throws IOException {
    program.file("catalog.csv", "model,signature\nlake/a,sigs/a.sig\n");
    Files.createDirectory(folder.resolve("sigs"));

    Ended refused = sign("--catalog", "catalog.csv");
    Ended allowed = sign("--signature-root", "sigs", "--catalog", "catalog.csv");

    assertThat(refused.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(refused.err()).contains("allow its folder with --signature-root.");
    assertThat(allowed.code()).as(allowed.err()).isEqualTo(ExitCode.OK);
    assertThat(folder.resolve("sigs/a.sig")).exists();
  }

  @Test
  void dryRun_ofACatalog_showsItsLines() throws IOException {
    program.file("lake/catalog.csv", "model,ignore_paths\nb,\"[\"\"logs\"\"]\"\n,\none.bin,\n");

    Ended ended = sign("--dry-run", "--allow-catalog-ignores", "--catalog", "lake/catalog.csv");

    assertThat(ended.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(ended.out())
        .contains("would sign    lake/b  (1 file, 12 B)  -> lake/b/model.sig")
        .contains("would sign    lake/one.bin  (1 file, 8 B)  -> lake/one.bin.sig");
    assertThat(ended.err())
        .contains("would fail    (no model)  ", "line 3: the field model is missing")
        .contains("3 models, 2 files, 20 B; nothing was hashed or written; 1 would fail");
    assertThat(folder.resolve("lake/b/model.sig")).doesNotExist();
  }

  @Test
  void mistakes_aboutTheCatalogAsAWhole_startNothing() throws IOException {
    program.file("lake/nested.csv", "model\na\nb\na/weights.bin\n");
    program.file("lake/headless.csv", "path\na\n");
    program.file("lake/good.csv", "model\na\n");

    Map<List<String>, String> mistakes =
        Map.of(
            List.of("--catalog", "lake/nested.csv"),
            "lake/a/weights.bin (line 4) is inside the model ",
            List.of("--catalog", "lake/headless.csv"),
            "there is no column called model.",
            List.of("--catalog", "lake/none.csv"),
            "There is no catalog at ",
            List.of("--catalog", "lake/good.csv", "lake/b"),
            "--catalog and MODEL don't go together",
            List.of("--signature-root", "sigs", "lake/b"),
            "--signature-root needs --catalog",
            List.of("--catalog", "lake/good.csv", "--results", "lake/a/results"),
            "that this run writes is inside the model ");
    mistakes.forEach(
        (arguments, message) -> {
          Ended ended = sign(arguments.toArray(String[]::new));

          assertThat(ended.code()).as(arguments + ended.err()).isEqualTo(ExitCode.USAGE);
          assertThat(ended.err()).as(arguments.toString()).contains(message);
        });
    assertThat(folder.resolve("lake/a/model.sig")).doesNotExist();
    assertThat(folder.resolve("lake/b/model.sig")).doesNotExist();
  }

  private static String entry(Ended ended, int id) {
    return ended.outLines().stream()
        .filter(line -> line.contains("\"entryId\":" + id + ","))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no entry " + id + " in " + ended.out()));
  }

  private Ended sign(String... arguments) {
    return run(List.of("sign", "key", "--private-key", "release.key"), arguments);
  }

  private Ended verify(String... arguments) {
    return run(List.of("verify", "key", "--public-key", "release.pub"), arguments);
  }

  private Ended run(List<String> command, String... arguments) {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(arguments));
    return program.run(all.toArray(String[]::new));
  }

  /** Tells whether results are committed: before that, their names begin with a dot. */
  private static boolean hasResults(Path results) {
    try (Stream<Path> files = Files.walk(results)) {
      return files.anyMatch(file -> file.getFileName().toString().startsWith("results-"));
    } catch (IOException | UncheckedIOException e) {
      return false;
    }
  }
}
