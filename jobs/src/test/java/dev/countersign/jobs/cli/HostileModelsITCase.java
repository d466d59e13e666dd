package dev.countersign.jobs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.keys.PrivateKeyFile;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.VerificationMaterial.PublicKeyHint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.Signature;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Models and bundles that mean harm, from end to end: each fails for its reason, and a good model
 * beside it verifies all the same.
 */
@Timeout(120)
final class HostileModelsITCase {

  @TempDir private Path folder;
  private ProgramRuns program;

  @BeforeEach
  void makeModels() throws IOException {
    program = new ProgramRuns(folder);
    program.keyPair("release");
    program.file("lake/good/weights.bin", "weights");
    program.file("lake/bad/weights.bin", "weights");
    run("sign", "--private-key", "release.key");
  }

  @Test
  void bundles_withNamesThatLeaveTheModel_areRefusedAndNothingIsOpened() throws Exception {
    List<String> names =
        List.of(
            "../outside/pipe",
            "sub/../../outside/pipe",
            "..",
            "./weights.bin",
            "sub//weights.bin",
            "/etc/passwd",
            "weights.bin/",
            "a\\u0000b",
            "");
    // Opening it would wait for a writer, and the test with it.
    pipe("names/outside/pipe");
    List<String> arguments =
        new ArrayList<>(List.of("verify", "key", "--public-key", "release.pub", "lake/good"));
    for (int i = 0; i < names.size(); i++) {
      program.file("names/m" + i + "/weights.bin", "weights");
      signNames("names/m" + i, names.get(i), "weights.bin");
      arguments.add("names/m" + i);
    }

    Ended ended = program.run(arguments.toArray(String[]::new));

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(ended.outLines()).containsExactly("VERIFIED lake/good");
    assertThat(ended.err().lines().filter(line -> line.startsWith("FAILED")))
        .hasSize(names.size())
        .allMatch(line -> line.contains("  BAD_NAME: ") && line.contains("/model.sig: The name "));
    assertThat(ended.err()).doesNotContain("Exception", "\tat ");
  }

  @Test
  void bundle_withNamesBehindALink_findsThemMissingAndOpensNothing() throws Exception {
    pipe("lake/outside/pipe");
    Files.createSymbolicLink(folder.resolve("lake/bad/sub"), Path.of("../outside"));
    signNames("lake/bad", "sub/pipe", "weights.bin");

    Ended ended = verify();

    assertFailedAlone(ended, "CONTENT_MISMATCH: ");
    assertThat(ended.err())
        .contains("0 changed, 1 missing, 1 extra")
        .contains(
            "missing  sub/pipe", "extra    sub  (a symbolic link to ../outside, a directory)");
  }

  @Test
  void model_withALinkedFolder_failsForThatReasonUnlessTheCallerPassesIt() throws Exception {
    Files.createDirectory(folder.resolve("elsewhere"));
    Files.createSymbolicLink(folder.resolve("lake/bad/linked"), folder.resolve("elsewhere"));

    Ended strict = verify();
    Ended ignored = verify("--ignore-paths", "linked");
    Ended unsigned = verify("--ignore-unsigned-files");
    Ended json = verify("--output", "json", "--quiet");
    program.file("lake/bad/more.bin", "more");
    Ended another = verify();

    assertFailedAlone(strict, "UNSIGNED_LINKED_DIRECTORY: ");
    assertThat(strict.err())
        .contains("links to directories (1)", "extra    linked  (a symbolic link to ");
    assertThat(ignored.code()).as(ignored.err()).isEqualTo(ExitCode.OK);
    assertThat(ignored.out()).contains("lake/bad  (weakened by --ignore-paths)");
    assertThat(unsigned.code()).as(unsigned.err()).isEqualTo(ExitCode.OK);
    assertThat(unsigned.out()).contains("lake/bad  (weakened by --ignore-unsigned-files)");
    assertThat(json.out())
        .contains("\"reason\":\"UNSIGNED_LINKED_DIRECTORY\"", "\"extra\":1", "\"truncated\":false");
    assertFailedAlone(another, "CONTENT_MISMATCH: ");
    assertThat(another.err()).contains("extra    linked  (a symbolic", "extra    more.bin");
  }

  @Test
  void model_withNamesThatForgeLines_isShownOnOneLineEach() throws IOException {
    program.file("lake/bad/x\nVERIFIED lake/bad\u001B[2K", "extra");

    Ended ended = verify();

    assertFailedAlone(ended, "CONTENT_MISMATCH: ");
    assertThat(ended.err())
        .contains("x\\u000aVERIFIED lake/bad\\u001b[2K")
        .doesNotContain("\u001B");
    assertThat(ended.err().lines()).noneMatch(line -> line.startsWith("VERIFIED"));
  }

  @Test
  void model_beyondItsBounds_isRefusedByNameOfTheBound() throws IOException {
    program.file("lake/bad/a/b/c/d/file", "deep");
    Ended deep = verify("--max-depth", "4");
    Ended large = verify("--max-file-size", "6");
    Ended many = verify("--max-files", "1");

    assertFailedAlone(deep, "LIMIT_EXCEEDED: ");
    assertThat(deep.err()).contains("a/b/c/d/file is more than 4 levels below the model");
    assertThat(many.err()).contains("lake/bad has more than 1 ");
    assertThat(large.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(large.err()).contains("weights.bin in the model ", " has 7 bytes, more than 6");
  }

  @Test
  void differences_ofManyUnits_areCountedExactlyAndListedUpToTheLimit() throws IOException {
    for (int i = 0; i < 9_000; i++) {
      program.file("lake/bad/many/f" + i, "0");
    }
    run("sign", "--private-key", "release.key");
    for (int i = 0; i < 3_000; i++) {
      program.file("lake/bad/many/f" + i, "1");
      Files.delete(folder.resolve("lake/bad/many/f" + (3_000 + i)));
      program.file("lake/bad/new/f" + i, "1");
    }

    Ended text = verify("--max-differences", "7");
    Ended listed = verify("--output", "json", "--quiet");
    Ended cut = verify("--output", "json", "--quiet", "--max-recorded-differences", "5000");

    assertThat(text.err())
        .contains("3000 changed, 3000 missing, 3000 extra", "and 8,993 more differences");
    assertThat(listed.out()).contains("\"truncated\":false");
    assertThat(listed.out().split("\"kind\":", -1)).hasSize(9_001);
    assertThat(cut.out())
        .contains("\"missing\":3000,\"extra\":3000,\"changed\":3000,\"truncated\":true");
    assertThat(cut.out().split("\"kind\":", -1)).hasSize(5_001);
  }

  private void assertFailedAlone(Ended ended, String reason) {
    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(ended.outLines()).containsExactly("VERIFIED lake/good");
    assertThat(ended.err().lines().filter(line -> line.startsWith("FAILED")))
        .singleElement()
        .asString()
        .startsWith("FAILED   lake/bad  " + reason);
    assertThat(ended.err()).doesNotContain("Exception", "\tat ");
  }

  private Ended verify(String... options) {
    List<String> all = new ArrayList<>(List.of("--public-key", "release.pub"));
    all.addAll(List.of(options));
    return run("verify", all.toArray(String[]::new));
  }

  private Ended run(String verb, String... options) {
    List<String> all = new ArrayList<>(List.of(verb, "key"));
    all.addAll(List.of(options));
    all.addAll(List.of("lake/bad", "lake/good"));
    return program.run(all.toArray(String[]::new));
  }

  private void pipe(String name) throws Exception {
    Path pipe = folder.resolve(name);
    Files.createDirectories(pipe.getParent());
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
  }

  /** Signs a statement that lists names as they stand here, which our own signer never would. */
  private void signNames(String model, String... names) throws Exception {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    byte[] digest = sha256.digest("weights".getBytes(UTF_8));
    List<String> resources = new ArrayList<>();
    MessageDigest root = MessageDigest.getInstance("SHA-256");
    for (String name : names) {
      root.update(digest);
      resources.add(
          "{\"name\":\""
              + name
              + "\",\"algorithm\":\"sha256\",\"digest\":\""
              + HexFormat.of().formatHex(digest)
              + "\"}");
    }
    byte[] payload =
        ("{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"bad\","
                + "\"digest\":{\"sha256\":\""
                + HexFormat.of().formatHex(root.digest())
                + "\"}}],\"predicateType\":\"https://model_signing/signature/v1.0\","
                + "\"predicate\":{\"serialization\":{\"method\":\"files\",\"hash_type\":\"sha256\","
                + "\"allow_symlinks\":false,\"ignore_paths\":[\"model.sig\"]},\"resources\":["
                + String.join(",", resources)
                + "]}}")
            .getBytes(UTF_8);
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(
        PrivateKeyFile.load(folder.resolve("release.key").toString(), Optional.empty())
            .pair()
            .getPrivate());
    signature.update(Envelope.pae(Envelope.PAYLOAD_TYPE, payload));
    Files.write(
        folder.resolve(model).resolve("model.sig"),
        BundleJson.write(
            new Bundle(
                new PublicKeyHint(""),
                new Envelope(Envelope.PAYLOAD_TYPE, payload, signature.sign(), ""))));
  }
}
