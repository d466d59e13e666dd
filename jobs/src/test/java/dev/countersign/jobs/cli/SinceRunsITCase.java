package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --record-listings} and {@code --since} from end to end. */
final class SinceRunsITCase {

  /** A little longer than a file must be left alone before it is listed. */
  private static final long SETTLED_MILLIS = 2_200;

  @TempDir Path folder;
  private ProgramRuns program;

  @BeforeEach
  void setUp() throws Exception {
    program = new ProgramRuns(folder);
    program.keyPair("release");
    program.file("lake/a/weights.bin", "weights of a");
    program.file("lake/a/config.json", "{}");
    program.file("lake/b/weights.bin", "weights of b");
    Thread.sleep(SETTLED_MILLIS);
    assertFine(sign("lake/*"));
    assertFine(verify("--record-listings", "--results", "first", "lake/*"));
  }

  @Test
  void verify_sinceAnEarlierRun_readsNothing() {
    Ended since = verify("--since", "first", "lake/*");

    assertFine(since);
    assertThat(since.outLines())
        .hasSize(2)
        .allMatch(line -> line.contains("\"outcome\":\"VERIFIED\""))
        .allMatch(line -> line.contains("\"reused\":true"))
        .allMatch(line -> line.contains("\"bytes\":0,\"files\":0"))
        .allMatch(line -> line.contains("\"weakened\":[\"since\"]"));
  }

  @Test
  void verify_afterFilesChanged_readsThemAndSeesIt() throws IOException {
    Path config = folder.resolve("lake/a/config.json");
    FileTime before = Files.getLastModifiedTime(config);
    Files.writeString(config, "[]");
    Files.setLastModifiedTime(config, before);
    program.file("lake/b/more.bin", "extra");

    Ended since = verify("--since", "first", "lake/*");

    assertThat(since.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(resultOf("a", since))
        .contains("\"reason\":\"CONTENT_MISMATCH\"", "\"name\":\"config.json\"", "\"changed\":1")
        .contains("\"bytes\":2,\"files\":1", "\"reused\":true");
    assertThat(resultOf("b", since))
        .contains("\"reason\":\"CONTENT_MISMATCH\"", "\"name\":\"more.bin\"", "\"extra\":1")
        .contains("\"bytes\":0,\"files\":0", "\"reused\":true");
  }

  @Test
  void verify_withAnothersBundle_failsWhateverIsReused() throws IOException {
    program.keyPair("other");
    Path bundle = folder.resolve("lake/a/model.sig");
    assertFine(program.run("sign", "key", "--private-key", "other.key", "lake/a"));
    Files.copy(
        folder.resolve("lake/a/model.sig"),
        folder.resolve("lake/b/model.sig"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThat(bundle).exists();

    Ended since = verify("--since", "first", "lake/*");
    Ended trusted =
        program.run(
            "verify",
            "key",
            "--public-key",
            "other.pub",
            "--output",
            "json",
            "--since",
            "first",
            "lake/*");

    assertThat(since.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(since.outLines())
        .hasSize(2)
        .allMatch(line -> line.contains("\"reason\":\"UNTRUSTED_SIGNER\""));
    assertThat(resultOf("a", trusted))
        .contains("\"outcome\":\"VERIFIED\"", "\"reused\":true", "\"bytes\":0,");
    assertThat(resultOf("b", trusted)).contains("\"reason\":\"CONTENT_MISMATCH\"");
  }

  @Test
  void verify_underAPolicyThatChangedSince_asksThePolicyAnew() throws IOException {
    policy("keys: release.pub");
    Ended accepted = verifyPolicy();
    program.keyPair("other");
    policy("keys: other.pub");
    Ended otherKey = verifyPolicy();
    policy("keys: release.pub", "hashes: blake3");
    Ended otherHash = verifyPolicy();

    assertFine(accepted);
    assertThat(accepted.outLines())
        .hasSize(2)
        .allMatch(line -> line.contains("\"outcome\":\"VERIFIED\""))
        .allMatch(line -> line.contains("\"reused\":true"))
        .allMatch(line -> line.contains("\"policyRule\":\"all\""));
    assertThat(otherKey.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(otherKey.outLines())
        .hasSize(2)
        .allMatch(line -> line.contains("\"outcome\":\"FAILED\",\"reason\":\"UNTRUSTED_SIGNER\""));
    assertThat(otherHash.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(otherHash.outLines())
        .hasSize(2)
        .allMatch(line -> line.contains("\"outcome\":\"FAILED\",\"reason\":\"DENIED_BY_POLICY\""));
  }

  private void policy(String... accepted) throws IOException {
    program.file(
        "policy.yaml",
        "version: 1\nrules:\n  - name: all\n    models: '.*'\n    accept:\n      "
            + String.join("\n      ", accepted)
            + "\n");
  }

  private Ended verifyPolicy() {
    return program.run(
        "verify",
        "policy",
        "--policy",
        "policy.yaml",
        "--output",
        "json",
        "--since",
        "first",
        "lake/*");
  }

  @Test
  void verify_ofAModelSignedWithAnotherHash_readsEverything() {
    assertFine(sign("--hash-algorithm", "blake3", "lake/a"));

    Ended since = verify("--since", "first", "lake/a");

    assertFine(since);
    assertThat(resultOf("a", since))
        .contains("\"outcome\":\"VERIFIED\"", "\"reused\":false", "\"bytes\":14,\"files\":2")
        .contains("\"weakened\":[]");
  }

  @Test
  void sign_sinceAnEarlierRun_signsTheSameDigests() {
    assertFine(sign("--record-listings", "--results", "signed", "lake/*"));

    Ended since = sign("--since", "signed", "--signature", "again/{name}.sig", "lake/*");
    Ended recorded = sign("--since", "signed", "lake/*");
    Ended verified = verify("lake/*");

    assertFine(since);
    assertThat(since.outLines())
        .as("the bundle lies elsewhere, so other paths are ignored")
        .hasSize(2)
        .allMatch(line -> line.contains("\"reused\":false"));
    assertFine(recorded);
    assertThat(recorded.outLines())
        .hasSize(2)
        .allMatch(line -> line.contains("\"outcome\":\"SIGNED\""))
        .allMatch(line -> line.contains("\"reused\":true"))
        .allMatch(line -> line.contains("\"bytes\":0,\"files\":0"));
    assertFine(verified);
    assertThat(verified.outLines()).hasSize(2).allMatch(line -> line.contains("\"VERIFIED\""));
  }

  @Test
  void runs_inAChainInOneFolder_readEachFileOnce() throws Exception {
    assertFine(verify("--since", "first", "--record-listings", "--results", "first", "lake/*"));
    program.file("lake/c/weights.bin", "weights of c");
    Thread.sleep(SETTLED_MILLIS);
    assertFine(sign("lake/c"));
    Ended third = verify("--since", "first", "--record-listings", "--results", "first", "lake/*");
    Ended fourth = verify("--since", "first/listings", "lake/*");

    assertFine(third);
    assertThat(resultOf("a", third)).contains("\"bytes\":0,", "\"reused\":true");
    assertThat(resultOf("c", third)).contains("\"bytes\":12,", "\"reused\":false");
    assertFine(fourth);
    assertThat(fourth.outLines()).hasSize(3).allMatch(line -> line.contains("\"bytes\":0,"));
  }

  @Test
  void listings_areKeptBesideResultsWhereReadersOfResultsDoNotSeeThem() throws IOException {
    assertThat(names("first")).contains("listings").noneMatch(name -> name.contains("listings-"));
    assertThat(names("first/listings"))
        .filteredOn(name -> !name.startsWith("."))
        .isNotEmpty()
        .allMatch(name -> name.matches("listings-.*\\.avro"));
  }

  @Test
  void since_whereNoListingsAre_isWrongUsage() throws IOException {
    Files.createDirectories(folder.resolve("empty"));
    program.file("foreign.avro", "no Avro");
    byte[] listing = Files.readAllBytes(listing());
    Path damaged = Files.createDirectories(folder.resolve("damaged")).resolve("listings-1.avro");
    Files.write(damaged, Arrays.copyOf(listing, listing.length - 5));

    Ended empty = verify("--since", "empty", "lake/*");
    Ended none = verify("--since", "none", "lake/*");
    Ended foreign = verify("--since", "foreign.avro", "lake/*");
    Ended cutOff = verify("--since", "damaged", "lake/*");
    Ended nowhere = verify("--record-listings", "lake/*");

    assertUsage(empty, "--since: ", "empty holds no listings of an earlier run");
    assertUsage(none, "--since: ", "none is not there. Check its name.");
    assertUsage(foreign, "--since: ", "foreign.avro", "is not an Avro container file");
    // Found only when models are planned, so others may be signed by then.
    assertThat(cutOff.code()).as(cutOff.err()).isEqualTo(ExitCode.BROKEN);
    assertThat(cutOff.err()).contains("listings-1.avro", "is damaged or cut off at byte");
    assertUsage(nowhere, "--record-listings needs --results or --state");
  }

  private Path listing() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("first/listings"))) {
      return files
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .findFirst()
          .orElseThrow();
    }
  }

  private List<String> names(String below) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(below))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static void assertUsage(Ended ended, String... said) {
    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err()).contains(said).doesNotContain("Exception");
    assertThat(ended.out()).isEmpty();
  }

  private static void assertFine(Ended ended) {
    assertThat(ended.code()).as(ended.err() + ended.out()).isEqualTo(ExitCode.OK);
  }

  private String resultOf(String model, Ended ended) {
    return ended.outLines().stream()
        .filter(line -> line.contains("\"model\":\"" + folder.resolve("lake/" + model) + "\""))
        .findFirst()
        .orElseThrow(() -> new AssertionError(ended.out() + ended.err()));
  }

  private Ended sign(String... arguments) {
    return run(arguments, "sign", "key", "--private-key", "release.key", "--output", "json");
  }

  private Ended verify(String... arguments) {
    return run(arguments, "verify", "key", "--public-key", "release.pub", "--output", "json");
  }

  private Ended run(String[] arguments, String... first) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(List.of(arguments));
    return program.run(all.toArray(String[]::new));
  }
}
