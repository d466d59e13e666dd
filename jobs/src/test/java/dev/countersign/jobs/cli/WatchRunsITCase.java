package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.ForkedProgram;
import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs with {@code --watch}, in processes of their own that are stopped and started again. */
@Timeout(900)
final class WatchRunsITCase {

  private static final Path SIGSTORE = Path.of("../operators/src/test/resources/sigstore");

  private static final long PATIENCE_MILLIS = 180_000;

  @TempDir Path folder;
  private ProgramRuns program;
  private @Nullable ForkedProgram running;

  @BeforeEach
  void setUp() throws IOException {
    program = new ProgramRuns(folder);
    program.keyPair("release");
    Files.createDirectory(folder.resolve("lake"));
  }

  @AfterEach
  void tearDown() throws Exception {
    if (running != null) {
      running.kill();
      running.await();
    }
  }

  @Test
  void watch_ofModelsThatComeAndChange_signsEachOnceAndAgain() throws Exception {
    program.file("lake/signed/weights.bin", "signed before");
    assertThat(program.run("sign", "key", "--private-key", "release.key", "lake/signed").code())
        .isEqualTo(ExitCode.OK);
    program.file("lake/first/weights.bin", "there from the start");
    ForkedProgram watch = watch("sign", "key", "--private-key", "release.key");
    awaitLines(watch, "SIGNED   lake/first", "SKIPPED  lake/signed");
    program.file("lake/later/weights.bin", "comes later");
    program.file("lake/empty/.gitignore", "");
    awaitLines(watch, "SIGNED   lake/later", "FAILED   lake/empty  EMPTY_MODEL");
    program.file("lake/first/config.json", "{}");
    program.file("lake/empty/weights.bin", "no longer");
    awaitLines(watch, "SIGNED   lake/first", "SIGNED   lake/empty");
    watch.askToStop();
    int stopped = watch.await();
    List<String> before = watch.out();
    String err = watch.err();

    program.file("lake/meanwhile/weights.bin", "came while nobody watched");
    Files.createSymbolicLink(folder.resolve("lake/other-name"), Path.of("first"));
    ForkedProgram goesOn = watch("sign", "key", "--private-key", "release.key");
    awaitLines(goesOn, "SIGNED   lake/meanwhile", "SKIPPED  lake/other-name  (A link to ");
    Thread.sleep(2_000);
    goesOn.askToStop();
    int stoppedAgain = goesOn.await();

    assertThat(stopped).as(err).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(err).contains("Stopped. To go on where it was, run the same command.");
    assertThat(before)
        .extracting(line -> line.substring(0, line.indexOf("  ", 9)))
        .containsExactlyInAnyOrder(
            "SKIPPED  lake/signed",
            "SIGNED   lake/first",
            "SIGNED   lake/later",
            "SIGNED   lake/first",
            "SIGNED   lake/empty");
    assertThat(stoppedAgain).as(goesOn.err()).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(goesOn.out()).as("all else is known").hasSize(2);
    Ended verified =
        program.run(
            "verify", "key", "--public-key", "release.pub", "lake/{first,later,signed,meanwhile}");
    assertThat(verified.code()).as(verified.err()).isEqualTo(ExitCode.OK);
  }

  @Test
  void watch_killedAtAnyTime_goesOnAndSignsNothingTwice() throws Exception {
    program.file("lake/a/weights.bin", "a");
    ForkedProgram first = watch("sign", "key", "--private-key", "release.key");
    awaitLines(first, "SIGNED   lake/a");
    first.kill();
    int killed = first.await();

    program.file("lake/b/weights.bin", "b");
    ForkedProgram second = watch("sign", "key", "--private-key", "release.key");
    awaitLines(second, "SIGNED   lake/b");
    second.askToStop();
    int stopped = second.await();

    assertThat(killed).isGreaterThan(128);
    assertThat(stopped).as(second.err()).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(second.out()).singleElement().asString().startsWith("SIGNED   lake/b");
  }

  @Test
  void watch_whileVerifying_verifiesOnceSignedAndWhenTheBundleChanges() throws Exception {
    program.file("lake/a/weights.bin", "a");
    ForkedProgram watch = watch("verify", "key", "--public-key", "release.pub");
    awaitLines(watch, "FAILED   lake/a  UNSIGNED");
    assertThat(program.run("sign", "key", "--private-key", "release.key", "lake/a").code())
        .isEqualTo(ExitCode.OK);
    awaitLines(watch, "VERIFIED lake/a");
    long before = count(watch, "FAILED   lake/a  UNSIGNED");
    Files.delete(folder.resolve("lake/a/model.sig"));
    awaitCount(watch, "FAILED   lake/a  UNSIGNED", before + 1);
    watch.askToStop();

    assertThat(watch.await()).as(watch.err()).isEqualTo(ExitCode.INTERRUPTED);
  }

  @Test
  void watch_whosePolicyChanges_verifiesByTheNewOne_alsoWhenItGoesOn() throws Exception {
    String policy =
        """
        version: 1
        rules:
        - name: all
          models: .*
          accept:
            keys: release.pub
        """;
    program.file("policy.yaml", policy);
    program.file("lake/a/weights.bin", "a");
    sign("lake/a");
    ForkedProgram watch = watch("verify", "policy", "--policy", "policy.yaml");
    awaitLines(watch, "VERIFIED lake/a");
    program.file("policy.yaml", "version: 1");
    awaitErr(watch, "What was read before holds");
    program.file("policy.yaml", policy.replace("accept:\n    keys: release.pub", "deny: all"));
    awaitErr(watch, "The policy, revocation lists, trusted root or signing config have changed.");
    program.file("lake/b/weights.bin", "b");
    sign("lake/b");
    awaitLines(watch, "FAILED   lake/b  DENIED_BY_POLICY");
    watch.askToStop();
    int stopped = watch.await();

    ForkedProgram goesOn = watch("verify", "policy", "--policy", "policy.yaml");
    program.file("lake/c/weights.bin", "c");
    sign("lake/c");
    awaitLines(goesOn, "FAILED   lake/c  DENIED_BY_POLICY");
    goesOn.askToStop();

    assertThat(stopped).as(watch.err()).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(goesOn.await()).as(goesOn.err()).isEqualTo(ExitCode.INTERRUPTED);
  }

  @Test
  void watch_whoseRevocationListChanges_failsTheNextModelOfARevokedSigner() throws Exception {
    String root = ProgramRuns.certificateFile("root.pem");
    String current = Files.readString(Path.of(ProgramRuns.certificateFile("intermediate.crl")));
    Path list = folder.resolve("ca.crl");
    Files.copy(Path.of("../operators/src/test/resources/bundles/signers-1/revoked.crl"), list);
    program.file("lake/a/weights.bin", "a");
    signAsRevoked("lake/a");
    ForkedProgram watch =
        watch("verify", "certificate", "--certificate-chain", root, "--crl", list.toString());
    awaitLines(watch, "VERIFIED lake/a");
    Files.move(
        Files.writeString(folder.resolve("next"), current), list, StandardCopyOption.ATOMIC_MOVE);
    awaitErr(watch, "The policy, revocation lists, trusted root or signing config have changed.");
    program.file("lake/b/weights.bin", "b");
    signAsRevoked("lake/b");
    awaitLines(watch, "FAILED   lake/b  REVOKED_CERTIFICATE");
    watch.askToStop();

    assertThat(watch.await()).as(watch.err()).isEqualTo(ExitCode.INTERRUPTED);
  }

  @Test
  void watch_whoseTrustedRootChanges_verifiesByTheNewOne() throws Exception {
    Path root = folder.resolve("root.json");
    Files.copy(SIGSTORE.resolve("public/trusted_root.json"), root);
    putSigned("lake/a");
    ForkedProgram watch =
        watch(
            "verify",
            "sigstore",
            "--identity",
            "signer@example.com",
            "--identity-provider",
            "http://127.0.0.1:46439",
            "--trusted-root",
            "root.json");
    awaitLines(watch, "FAILED   lake/a  UNTRUSTED_SIGNER");
    program.file("next", Files.readString(SIGSTORE.resolve("private/trusted_root.json")));
    Files.move(folder.resolve("next"), root, StandardCopyOption.ATOMIC_MOVE);
    awaitErr(watch, "trusted root or signing config have changed. The new ones hold from now on.");
    putSigned("lake/b");
    awaitLines(watch, "VERIFIED lake/b");
    watch.askToStop();

    assertThat(watch.await()).as(watch.err()).isEqualTo(ExitCode.INTERRUPTED);
  }

  /** Puts down the model that the Go client signed. */
  private void putSigned(String name) throws IOException {
    Path model = SIGSTORE.resolve("private/m1");
    try (Stream<Path> files = Files.walk(model)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = folder.resolve(name).resolve(model.relativize(file));
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
    Files.copy(
        SIGSTORE.resolve("private/go-rekor1.sig"), folder.resolve(name).resolve("model.sig"));
  }

  private void signAsRevoked(String model) {
    Ended signed =
        program.run(
            "sign",
            "certificate",
            "--private-key",
            ProgramRuns.certificateFile("test-only-revoked.key"),
            "--signing-certificate",
            ProgramRuns.certificateFile("revoked.pem"),
            "--certificate-chain",
            ProgramRuns.certificateFile("intermediate.pem"),
            model);
    assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);
  }

  private void sign(String model) {
    assertThat(program.run("sign", "key", "--private-key", "release.key", model).code())
        .isEqualTo(ExitCode.OK);
  }

  private static void awaitErr(ForkedProgram program, String text) throws Exception {
    long end = System.currentTimeMillis() + PATIENCE_MILLIS;
    while (!program.err().contains(text)) {
      assertThat(System.currentTimeMillis()).as(program.err()).isLessThan(end);
      Thread.sleep(50);
    }
  }

  @Test
  void watch_ofWhatCannotBe_isRefusedAtOnce() {
    Ended stateless = program.run("digest", "--watch", "1 s", "lake/*");
    Ended elsewhere = program.run("digest", "--watch", "1 s", "--state", "state", "lak/*");
    Ended hopeless =
        program.run(
            "digest", "--watch", "1 s", "--state", "state", "--max-failures", "3", "lake/*");
    Ended settle = program.run("digest", "--settle", "1 s", "lake/*");

    assertThat(stateless.code()).isEqualTo(ExitCode.USAGE);
    assertThat(stateless.err()).contains("--watch needs --state DIR");
    assertThat(elsewhere.code()).isEqualTo(ExitCode.USAGE);
    assertThat(elsewhere.err()).contains("lak of the glob lak/* is not there");
    assertThat(hopeless.code()).isEqualTo(ExitCode.USAGE);
    assertThat(hopeless.err()).contains("--watch", "--max-failures");
    assertThat(settle.code()).isEqualTo(ExitCode.USAGE);
    assertThat(settle.err()).contains("--settle needs --watch");
  }

  private ForkedProgram watch(String... command) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.addAll(
        List.of(
            "--watch",
            "300 ms",
            "--settle",
            "600 ms",
            "--checkpoint-interval",
            "300 ms",
            "--state",
            "state",
            "lake/*"));
    running = ForkedProgram.start(folder, List.of("-Xmx512m"), arguments);
    return running;
  }

  private static void awaitLines(ForkedProgram program, String... beginnings) throws Exception {
    for (String beginning : beginnings) {
      awaitCount(program, beginning, 1);
    }
  }

  private static void awaitCount(ForkedProgram program, String beginning, long count)
      throws Exception {
    long end = System.currentTimeMillis() + PATIENCE_MILLIS;
    while (count(program, beginning) < count) {
      assertThat(System.currentTimeMillis())
          .as("'%s' in %s and %s", beginning, program.out(), program.err())
          .isLessThan(end);
      Thread.sleep(50);
    }
  }

  /** Counts lines that begin so; failures are on standard error. */
  private static long count(ForkedProgram program, String beginning) throws IOException {
    return Stream.concat(program.out().stream(), program.err().lines())
        .filter(line -> line.startsWith(beginning))
        .count();
  }
}
