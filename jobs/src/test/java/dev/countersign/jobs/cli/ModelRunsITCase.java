package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program from end to end, on the cluster it starts in this process. */
final class ModelRunsITCase {

  @TempDir Path folder;
  private ProgramRuns program;

  @BeforeEach
  void setUp() throws IOException {
    program = new ProgramRuns(folder);
    program.keyPair("release");
    program.file("lake/a/weights.bin", "weights of a");
    program.file("lake/a/sub/config.json", "{}");
    program.file("lake/b/weights.bin", "weights of b");
  }

  @Test
  void models_signedAndTampered_failByNameWhileTheRestGoesOn() throws IOException {
    Ended signed = sign("lake/*");
    Ended verified = verify("lake/*");
    program.file("lake/a/weights.bin", "weights of A");
    program.file("lake/a/more\u001b[2J.bin", "extra");
    Files.delete(folder.resolve("lake/a/sub/config.json"));
    Ended tampered = verify("lake/*");

    assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);
    assertThat(signed.outLines())
        .containsExactlyInAnyOrder(
            "SIGNED   lake/a  -> lake/a/model.sig", "SIGNED   lake/b  -> lake/b/model.sig");
    assertThat(signed.err()).contains("2 models: 2 signed; ", " in 3 files, ");
    assertThat(verified.code()).as(verified.err()).isEqualTo(ExitCode.OK);
    assertThat(verified.outLines()).containsExactlyInAnyOrder("VERIFIED lake/a", "VERIFIED lake/b");
    assertThat(tampered.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(tampered.outLines()).containsExactly("VERIFIED lake/b");
    assertThat(tampered.err())
        .contains(
            "FAILED   lake/a  CONTENT_MISMATCH: ",
            "1 changed, 1 missing, 1 extra",
            "changed  weights.bin",
            "missing  sub/config.json",
            "extra    more\\u001b[2J.bin",
            "expected ",
            "actual   ",
            "2 models: 1 verified, 1 failed; ")
        .doesNotContain("\u001b", "Exception");
  }

  @Test
  void digest_ofModelAndFile_equalsTheSignedRootDigest() throws IOException {
    program.file("one.bin", "one file");
    sign("lake/a", "one.bin");

    Ended digest = program.run("digest", "--quiet", "lake/a", "one.bin");
    Ended json = verify("--output", "json", "--quiet", "lake/a", "one.bin");

    assertThat(digest.code()).isEqualTo(ExitCode.OK);
    assertThat(digest.err()).isEmpty();
    assertThat(json.err()).isEmpty();
    assertThat(digest.outLines()).hasSize(2);
    for (String line : digest.outLines()) {
      String hex = line.substring("sha256:".length(), line.indexOf("  "));
      String name = line.substring(line.indexOf("  ") + 2);
      assertThat(json.outLines())
          .anyMatch(
              record ->
                  record.contains(folder.resolve(name) + "\",\"name\"")
                      && record.contains("\"rootDigest\":\"" + hex + "\"")
                      && record.contains("\"outcome\":\"VERIFIED\""));
    }
    assertThat(folder.resolve("one.bin.sig")).exists();
  }

  @Test
  void json_withResults_hasOneRecordAModelAndTheRunItsRecord() throws IOException {
    Ended ended =
        sign("--output", "json", "--results", "out", "--hash-algorithm", "blake3", "lake/*");

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.OK);
    assertThat(ended.outLines())
        .hasSize(2)
        .allMatch(line -> line.startsWith("{\"runId\":") && line.endsWith("}"))
        .allMatch(line -> line.contains("\"hashType\":\"blake3\""))
        .allMatch(line -> line.contains("\"operation\":\"SIGN\""))
        .allMatch(line -> line.matches(".*\"started\":\"\\d{4}-\\d\\d-\\d\\dT[^\"]+Z\".*"));
    try (Stream<Path> files = Files.list(folder.resolve("out"))) {
      List<String> names =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> !name.startsWith("."))
              .toList();
      assertThat(names).anyMatch(name -> name.endsWith(".avro"));
      String record =
          names.stream().filter(name -> name.matches("run-.*\\.json")).findFirst().orElseThrow();
      assertThat(folder.resolve("out").resolve(record))
          .content()
          .contains("hash-algorithm=blake3", "private-key=release.key");
    }
  }

  @Test
  void models_fromStandardInput_areTaken() {
    program.pipe("lake/a\n\nlake/b\n");

    Ended ended = program.run("digest", "-");

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.OK);
    assertThat(ended.outLines()).hasSize(2);
  }

  @Test
  void models_fromStandardInputThatEndInNul_areTakenWhateverTheirNames() throws IOException {
    program.file("lake/two\nlines/weights.bin", "weights");
    program.file("lake/[a]/weights.bin", "weights");
    program.pipe("\uFEFFlake/two\nlines\0\0lake/[a]\0lake/b");

    Ended ended = program.run("digest", "--null", "-");

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.OK);
    assertThat(ended.outLines()).hasSize(3);
  }

  @Test
  void linkBesideModels_whereAGlobIsExpanded_isSkippedAndReported() throws IOException {
    Files.createSymbolicLink(folder.resolve("lake/Latest"), Path.of("b"));
    Files.createSymbolicLink(folder.resolve("lake/v1.0"), folder.resolve("lake/a"));
    String latest = "lake/Latest  (A link to " + folder + "/lake/b, which this run names too.)";
    String version = "lake/v1.0  (A link to " + folder + "/lake/a, which this run names too.)";

    Ended dryRun = sign("--dry-run", "lake/*");
    Ended signed = sign("--state", "state", "lake/*");
    Files.delete(folder.resolve("lake/Latest"));
    Files.createSymbolicLink(folder.resolve("lake/Latest"), Path.of("a"));
    Ended verified = verify("lake/*");
    Ended digested = program.run("digest", "lake/*");
    Ended named = sign("lake/Latest", "lake/a");

    assertThat(dryRun.code()).as(dryRun.err()).isEqualTo(ExitCode.OK);
    assertThat(dryRun.outLines()).contains("would skip    " + latest, "would skip    " + version);
    assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);
    assertThat(signed.outLines())
        .containsExactlyInAnyOrder(
            "SKIPPED  " + latest,
            "SKIPPED  " + version,
            "SIGNED   lake/a  -> lake/a/model.sig",
            "SIGNED   lake/b  -> lake/b/model.sig");
    assertThat(verified.code()).as(verified.err()).isEqualTo(ExitCode.OK);
    assertThat(verified.outLines())
        .containsExactlyInAnyOrder(
            "SKIPPED  " + latest.replace("lake/b,", "lake/a,"),
            "SKIPPED  " + version,
            "VERIFIED lake/a",
            "VERIFIED lake/b");
    assertThat(digested.code()).as(digested.err()).isEqualTo(ExitCode.OK);
    assertThat(digested.outLines()).hasSize(4);
    assertThat(named.code()).as("a link that is named itself").isEqualTo(ExitCode.USAGE);
    assertThat(named.err()).contains("would share one bundle");
  }

  @Test
  void gitLfsPointers_inAModel_areNotSignedAndExplainWhatVerifyFinds() throws Exception {
    byte[] weights = Files.readAllBytes(folder.resolve("lake/b/weights.bin"));
    sign("lake/b");
    String pointer =
        String.format(
            Locale.ROOT,
            "version https://git-lfs.github.com/spec/v1%noid sha256:%s%nsize %d%n",
            HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(weights)),
            weights.length);
    program.file("lake/a/weights.bin", pointer);
    program.file("lake/b/weights.bin", pointer);

    Ended refused = sign("lake/a");
    Ended allowed = sign("--allow-lfs-pointers", "lake/a");
    Ended verified = verify("lake/*");

    assertThat(refused.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(refused.err())
        .contains("FAILED   lake/a  LFS_POINTER: weights.bin in ", "git lfs pull");
    assertThat(allowed.code()).as(allowed.err()).isEqualTo(ExitCode.OK);
    assertThat(verified.outLines()).containsExactly("VERIFIED lake/a");
    assertThat(verified.err())
        .contains(
            "FAILED   lake/b  CONTENT_MISMATCH: The model is not what was signed: 1 changed,"
                + " 0 missing, 0 extra. 1 of the changed files is a Git LFS pointer to what was"
                + " signed: fetch it with git lfs pull.");
  }

  @Test
  void bundles_thatAreThere_areRefusedSkippedOrReplaced() throws IOException {
    sign("lake/a");
    byte[] before = Files.readAllBytes(folder.resolve("lake/a/model.sig"));

    Ended refused = sign("--no-overwrite", "lake/*");
    Ended skipped = sign("--skip-signed", "lake/*");

    assertThat(refused.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(refused.err()).contains("FAILED   lake/a  BUNDLE_EXISTS: ", "--no-overwrite");
    assertThat(refused.outLines()).containsExactly("SIGNED   lake/b  -> lake/b/model.sig");
    assertThat(skipped.code()).as(skipped.err()).isEqualTo(ExitCode.OK);
    assertThat(skipped.outLines()).hasSize(2).allMatch(line -> line.startsWith("SKIPPED  lake/"));
    assertThat(folder.resolve("lake/a/model.sig")).hasBinaryContent(before);
  }

  @Test
  void dryRun_ofAnything_touchesNothing() throws IOException {
    List<Path> before = tree();

    Ended text = sign("--dry-run", "--signature", "out/{name}.sig", "lake/*");
    Ended json = sign("--dry-run", "--output", "json", "lake/a", "lake/none");

    assertThat(text.code()).isEqualTo(ExitCode.OK);
    assertThat(text.outLines())
        .containsExactly(
            "would sign    lake/a  (2 files, 14 B)  -> out/a.sig",
            "would sign    lake/b  (1 file, 12 B)  -> out/b.sig");
    assertThat(text.err()).contains("2 models, 3 files, 26 B; nothing was hashed or written");
    assertThat(json.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(json.outLines())
        .hasSize(2)
        .first()
        .asString()
        .contains("\"files\":2", "\"dryRun\":true");
    assertThat(tree()).isEqualTo(before);
  }

  @Test
  void badModels_amongGoodOnes_failEachForItsReason() throws Exception {
    Files.createDirectories(folder.resolve("bad/empty"));
    program.file("bad/fifo/weights.bin", "w");
    new ProcessBuilder("mkfifo", folder.resolve("bad/fifo/pipe").toString()).start().waitFor();
    program.file("bad/link/weights.bin", "w");
    Files.createSymbolicLink(folder.resolve("bad/link/link.bin"), Path.of("weights.bin"));

    Ended dryRun = sign("--dry-run", "bad/fifo", "bad/link");
    Ended ended = sign("lake/b", "bad/*", "bad/none");

    assertThat(ended.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(ended.outLines()).containsExactly("SIGNED   lake/b  -> lake/b/model.sig");
    assertThat(ended.err().lines().filter(line -> line.startsWith("FAILED")))
        .hasSize(4)
        .anyMatch(line -> line.startsWith("FAILED   bad/empty  EMPTY_MODEL: "))
        .anyMatch(
            line -> line.startsWith("FAILED   bad/fifo  SPECIAL_FILE: ") && line.contains("pipe"))
        .anyMatch(
            line ->
                line.startsWith("FAILED   bad/link  SYMLINK_NOT_ALLOWED: ")
                    && line.contains("link.bin")
                    && line.contains("--allow-symlinks"))
        .anyMatch(line -> line.startsWith("FAILED   bad/none  MODEL_NOT_FOUND: "));
    assertThat(ended.err()).doesNotContain("Exception", "\tat ");
    assertThat(dryRun.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(dryRun.err().lines().filter(line -> line.startsWith("would fail")))
        .hasSize(2)
        .allMatch(
            line -> {
              String message = line.substring(line.indexOf("  ", "would fail    ".length()) + 2);
              return ended.err().contains(": " + message + System.lineSeparator());
            });
  }

  @Test
  void badBundles_whenVerifying_failEachForItsReason() throws IOException {
    program.keyPair("other");
    List<String> models = new ArrayList<>();
    for (String name : List.of("nojson", "truncated", "ofanother", "unsigned", "wrongkey")) {
      program.file("bad/" + name + "/weights.bin", "weights of " + name);
      models.add("bad/" + name);
    }
    sign("bad/truncated", "bad/ofanother", "lake/a");
    program.run("sign", "key", "--private-key", "other.key", "bad/wrongkey");
    program.file("bad/nojson/model.sig", "no json");
    Path bundle = folder.resolve("bad/truncated/model.sig");
    program.file("bad/truncated/model.sig", Files.readString(bundle).substring(0, 200));
    Files.copy(
        folder.resolve("lake/a/model.sig"),
        folder.resolve("bad/ofanother/model.sig"),
        StandardCopyOption.REPLACE_EXISTING);
    models.add("lake/a");

    Ended ended = verify(models.toArray(String[]::new));

    assertThat(ended.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(ended.outLines()).containsExactly("VERIFIED lake/a");
    assertThat(ended.err().lines().filter(line -> line.startsWith("FAILED")))
        .hasSize(5)
        .anyMatch(line -> line.startsWith("FAILED   bad/nojson  MALFORMED_BUNDLE: "))
        .anyMatch(line -> line.startsWith("FAILED   bad/truncated  MALFORMED_BUNDLE: "))
        .anyMatch(line -> line.startsWith("FAILED   bad/ofanother  CONTENT_MISMATCH: "))
        .anyMatch(line -> line.startsWith("FAILED   bad/unsigned  UNSIGNED: "))
        .anyMatch(
            line ->
                line.startsWith("FAILED   bad/wrongkey  UNTRUSTED_SIGNER: ")
                    && line.contains("--public-key"));
    assertThat(ended.err()).doesNotContain("Exception", "\tat ");
  }

  @Test
  void halfRotatedCatalog_withBothKeys_verifies() {
    program.keyPair("new");
    sign("lake/a");
    program.run("sign", "key", "--private-key", "new.key", "lake/b");

    Ended both =
        program.run(
            "verify", "key", "--public-key", "release.pub", "--public-key", "new.pub", "lake/*");

    assertThat(both.code()).as(both.err()).isEqualTo(ExitCode.OK);
  }

  @Test
  void keys_thatAreNoGood_areRefusedBeforeAnythingStarts() throws IOException {
    program.file("right", "correct horse");
    program.file("wrong", "incorrect horse");
    program.run("generate-key-pair", "--output-key-prefix", "locked", "--password-file", "right");

    Ended open =
        program.run(
            "sign", "key", "--private-key", "locked.key", "--password-file", "right", "lake/a");
    Ended wrong =
        program.run(
            "sign", "key", "--private-key", "locked.key", "--password-file", "wrong", "lake/a");
    Ended missing = program.run("sign", "key", "--private-key", "locked.key", "lake/a");
    Ended publicKey = program.run("sign", "key", "--private-key", "release.pub", "lake/a");
    Ended privateKey = program.run("verify", "key", "--public-key", "release.key", "lake/a");

    assertThat(open.code()).as(open.err()).isEqualTo(ExitCode.OK);
    assertThat(List.of(wrong, missing, publicKey, privateKey))
        .allSatisfy(
            ended -> {
              assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
              assertThat(ended.err().lines()).hasSize(1);
            });
    assertThat(wrong.err()).contains("locked.key").doesNotContain("incorrect horse");
    assertThat(missing.err()).contains("--password-file", "--password-env");
    assertThat(publicKey.err()).contains("release.pub", "holds a public key");
    assertThat(privateKey.err()).contains("release.key", "holds a private key");
  }

  @Test
  void bundle_thatCannotBeWritten_failsItsModelAndLeavesNoHalfFile() throws IOException {
    program.file("blocked/x", "x");

    Ended ended = sign("--signature", "blocked/x/{name}.sig", "lake/*");

    assertThat(ended.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(ended.err().lines().filter(line -> line.startsWith("FAILED")))
        .hasSize(2)
        .allMatch(line -> line.contains("OUTPUT_NOT_WRITABLE: "));
  }

  @Test
  void places_thatGetInEachOthersWay_areRefusedByName() {
    Ended shared = sign("--signature", "all.sig", "lake/a", "lake/b");
    Ended nested = sign("lake", "lake/a");
    Ended twice = sign("lake/a", "lake/./a/");
    Ended inside = sign("--results", "lake/a/results", "lake/a");

    assertThat(List.of(shared, nested, twice, inside))
        .allSatisfy(ended -> assertThat(ended.code()).isEqualTo(ExitCode.USAGE));
    assertThat(shared.err()).contains("lake/a", "lake/b", "all.sig");
    assertThat(nested.err()).contains("lake/a is inside the model");
    assertThat(twice.err()).contains("lake/a");
    assertThat(inside.err()).contains("lake/a/results");
    assertThat(folder.resolve("lake/a/model.sig")).doesNotExist();
  }

  private Ended sign(String... arguments) {
    return run(List.of("sign", "key", "--private-key", "release.key"), arguments);
  }

  private Ended verify(String... arguments) {
    return run(List.of("verify", "key", "--public-key", "release.pub"), arguments);
  }

  private Ended run(List<String> words, String... arguments) {
    List<String> all = new ArrayList<>(words);
    all.addAll(List.of(arguments));
    return program.run(all.toArray(String[]::new));
  }

  private List<Path> tree() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.sorted().toList();
    }
  }
}
