package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProgramTest {

  @TempDir Path folder;
  private ProgramRuns program;

  @BeforeEach
  void setUp() {
    program = new ProgramRuns(folder);
  }

  @Test
  void version_always_namesJavaFlinkAndKernels() {
    Ended ended = program.run("--version");

    assertThat(ended.code()).isEqualTo(ExitCode.OK);
    assertThat(ended.outLines())
        .anyMatch(line -> line.matches("countersign +\\d+\\.\\d+\\.\\d+.*"))
        .anyMatch(line -> line.startsWith("Java ") && line.contains(Runtime.version().toString()))
        .anyMatch(line -> line.matches("Flink +2\\.\\d+\\.\\d+"))
        .anyMatch(line -> line.startsWith("sha256 "))
        .anyMatch(line -> line.startsWith("blake3 "));
  }

  @Test
  void noArguments_atAll_areWrongUsageWithHelp() {
    Ended ended = program.run();

    assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err()).contains("Usage: countersign");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sign model | sign needs a method behind it, as in: countersign sign key",
        "sign | sign needs a method behind it, as in: countersign sign key",
        "sign --private-key k model | sign needs a method behind it",
        "sign kee model | sign has no method 'kee' (did you mean key?). See countersign sign"
            + " --help.",
        "verify certficate model | verify has no method 'certficate' (did you mean certificate?).",
        "verify model | verify needs a method behind it, as in: countersign verify key",
        "sign sigstor model | sign has no method 'sigstor' (did you mean sigstore?).",
        "sing key model | There is no command 'sing' (did you mean sign?).",
        "verify key --publc-key x m | There is no option --publc-key here (did you mean"
            + " --public-key?).",
        "digest --hash-algoritm=x m | no option --hash-algoritm here (did you mean"
            + " --hash-algorithm?).",
        "digest --hash-algorithm | --hash-algorithm needs a value.",
        "digest --output json --output text m | --output was given more than once",
        "digest --hash-algorithm md5 m | --hash-algorithm is 'md5', but must be one of sha256,"
            + " blake2b, blake3.",
        "digest | No model was named.",
        "digest nothing* | The glob nothing* matches nothing.",
        "sign key m | sign key needs --private-key FILE",
        "verify key m | verify key needs --public-key FILE",
        "digest --shard-size 10 m | --shard-size needs --serialization shards",
        "digest --serialization shards --shard-size 0 m | --shard-size is '0', but must be a size"
            + " above 0",
        "sign key --private-key k --no-overwrite --skip-signed m | --no-overwrite does not go with"
            + " --skip-signed",
        "sign key --private-key k --password-file f --password-env E m | --password-file does not"
            + " go with --password-env",
        "digest --fs-option fs.s3a.secret.key=x m | would put a secret on the command line",
        "help frob | There is no command 'frob'."
      })
  void usage_thatIsWrong_isRefusedWithTheRemedy(String arguments, String message) {
    Ended ended = program.run(arguments.strip().split(" "));

    assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err()).startsWith("countersign: ").contains(message);
    assertThat(ended.err().lines()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "--password hunter2,--password-file",
    "--password=hunter2,--password-env",
    "--identity-token hunter2,--identity-token-file",
    "--identity_token=hunter2,--identity-token-env",
    "--client_secret=hunter2,--identity-token-file",
    "pkcs11:token=a?pin-value=hunter2,pin-source=file:",
    "--private-key=pkcs11:a?PIN-VALUE=hunter2,pin-source=file:"
  })
  void secret_onTheCommandLine_isRefusedAndNotRepeated(String arguments, String ours) {
    Ended ended = program.run(("sign key " + arguments + " model").split(" "));

    assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err()).contains(ours).doesNotContain("hunter2");
  }

  @Test
  void completion_forBash_knowsCommandsAndChoices() {
    Ended ended = program.run("completion");

    assertThat(ended.code()).isEqualTo(ExitCode.OK);
    assertThat(ended.out())
        .startsWith("#!/usr/bin/env bash")
        .contains("generate-key-pair", "--hash-algorithm", "--help-all", "\"blake2b\"");
  }

  @Test
  void keyPair_onceMade_isPrivateAndNotReplaced() throws IOException {
    Ended first = program.run("generate-key-pair", "--output-key-prefix", "release");
    String key = Files.readString(folder.resolve("release.key"));
    Ended second = program.run("generate-key-pair", "--output-key-prefix", "release");
    Ended forced = program.run("generate-key-pair", "--output-key-prefix", "release", "--force");

    assertThat(first.code()).isEqualTo(ExitCode.OK);
    assertThat(first.err()).containsPattern("\nFingerprint: [0-9a-f]{64}\n$");
    assertThat(key).startsWith("-----BEGIN PRIVATE KEY-----");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("release.key"))))
        .isEqualTo("rw-------");
    assertThat(second.code()).isEqualTo(ExitCode.USAGE);
    assertThat(second.err()).contains("release.key already exists", "--force");
    assertThat(forced.code()).isEqualTo(ExitCode.OK);
    assertThat(folder.resolve("release.key")).content().isNotEqualTo(key);
    assertThat(folder).isDirectoryNotContaining("glob:**.countersign-tmp*");
  }

  @Test
  void keyPair_withAVariableThatIsNotSet_saysSoWithoutAClustersHint() {
    Ended ended =
        program.run("generate-key-pair", "--output-key-prefix", "k", "--password-env", "NO_SUCH");

    assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err())
        .isEqualTo(
            "countersign: Cannot use NO_SUCH as a passphrase variable: it is not set. Set it, or"
                + " check --password-env.\n");
  }

  @Test
  void keyPair_overAPipe_isRefusedEvenByForce() throws Exception {
    Path pipe = folder.resolve("release.pub");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    Ended ended = program.run("generate-key-pair", "--output-key-prefix", "release", "--force");

    assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err())
        .contains("release.pub cannot be written: it is a pipe, a socket or a device");
    assertThat(Files.readAttributes(pipe, BasicFileAttributes.class).isOther()).isTrue();
    assertThat(folder.resolve("release.key")).doesNotExist();
  }

  @Test
  void keyPair_withPassphrase_isEncrypted() throws IOException {
    program.file("passphrase", "correct horse\n");

    Ended ended =
        program.run(
            "generate-key-pair",
            "--output-key-prefix",
            "p",
            "--curve",
            "p-384",
            "--password-file",
            "passphrase");

    assertThat(ended.err()).contains("P-384, encrypted");
    assertThat(ended.code()).isEqualTo(ExitCode.OK);
    assertThat(folder.resolve("p.key"))
        .content()
        .startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----");
  }

  @Test
  void keyPair_withPlaceThatIsNotThere_isRefused() {
    Ended ended = program.run("generate-key-pair", "--output-key-prefix", "no/such/release");

    assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err()).contains("its folder does not exist", "--output-key-prefix");
  }

  @Test
  void options_fromEverySource_followTheirOrder() throws IOException {
    program.file("options.yaml", "curve: P-521\noutput-key-prefix: fromfile\n");
    program.environment.put("COUNTERSIGN_CURVE", "P-384");

    Ended file = program.run("generate-key-pair", "--config", "options.yaml");
    Ended flag =
        program.run("generate-key-pair", "--config", "options.yaml", "--curve", "P-256", "--force");

    assertThat(file.err()).contains("fromfile.key (P-384");
    assertThat(flag.err()).contains("fromfile.key (P-256");
  }

  @Test
  void configFile_withUnknownKey_namesFileKeyAndNearest() throws IOException {
    program.file("options.yaml", "hash-algoritm: blake3\n");

    Ended ended = program.run("digest", "--config", "options.yaml", "m");

    assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err()).contains("options.yaml", "'hash-algoritm'", "'hash-algorithm'");
  }

  @Test
  void flags_withUnderscores_areThoseWithHyphens() throws IOException {
    program.file("m/w", "x");

    Ended ended =
        program.run("digest", "--hash_algorithm=blake3", "--dry_run", "--no-ignore_git_paths", "m");

    assertThat(ended.code()).isEqualTo(ExitCode.OK);
    assertThat(ended.out()).contains("would digest  m  (1 file, 1 B)");
  }
}
