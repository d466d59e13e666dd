package dev.countersign.jobs.cli;

import static dev.countersign.jobs.cli.ProgramRuns.certificateFile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.ReplacedBundle;
import dev.countersign.jobs.ForkedProgram;
import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.oms.Sha256;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code resign} from end to end, on the cluster that the program starts in this process. */
final class ResignRunsITCase {

  private static final String CONTENT = "weights";

  @TempDir Path folder;
  private ProgramRuns program;

  @BeforeEach
  void setUp() throws Exception {
    program = new ProgramRuns(folder);
    program.keyPair("old");
    program.keyPair("new");
    program.file(
        "policy.yaml",
        String.format(
            Locale.ROOT,
            """
            version: 1
            rules:
              - name: keyed
                models: '\\Q%1$s\\E/lake/(keyed|tampered)'
                accept: {keys: old.pub}
              - name: unread
                models: '\\Q%1$s\\E/lake/unread'
                accept: {keys: old.pub}
                trust-previous-digests: true
              - name: certified
                models: '\\Q%1$s\\E/lake/certified'
                accept:
                  certificates:
                    - authorities: '%2$s'
                      subject: {pattern: 'CN=Signer .*,O=Test only'}
              - name: fresh
                models: '\\Q%1$s\\E/lake/fresh'
                accept: {keys: old.pub}
                unsigned: allow
                sign-unsigned: allow
              - name: bare
                models: '\\Q%1$s\\E/lake/bare'
                accept: {keys: old.pub}
                unsigned: allow
            """,
            folder,
            certificateFile("root.pem")));
    for (String model :
        List.of(
            "keyed", "tampered", "unread", "certified", "fresh", "bare", "no-rule", "unsigned")) {
      program.file("lake/" + model + "/weights.bin", CONTENT);
    }
    for (String model : List.of("keyed", "tampered", "unread", "no-rule")) {
      succeed("sign", "key", "--private-key", "old.key", "lake/" + model);
    }
    succeed(
        "sign",
        "certificate",
        "--private-key",
        certificateFile("test-only-p256.key"),
        "--signing-certificate",
        certificateFile("p256.pem"),
        "--certificate-chain",
        certificateFile("intermediate.pem"),
        "lake/certified");
    program.file("lake/tampered/weights.bin", "heavier");
  }

  @Test
  void models_underAPolicy_areSignedAgainIfTheyVerify() throws Exception {
    byte[] tampered = bundle("tampered");
    byte[] noRule = bundle("no-rule");

    Ended resigned = resign("--sign-unsigned", "lake/*");
    Ended verified = program.run("verify", "key", "--public-key", "new.pub", "lake/*");
    Ended skipped = resign("--skip-signed", "lake/{keyed,certified,fresh}");

    assertThat(resigned.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(resigned.outLines())
        .hasSize(5)
        .anyMatch(
            line ->
                line.matches(
                    "SIGNED   lake/keyed  -> lake/keyed/model.sig  \\(previously signed by"
                        + " [0-9a-f]{16}\\.\\.\\., rule keyed\\)"))
        .anyMatch(line -> line.startsWith("SIGNED   lake/unread  -> "))
        .anyMatch(line -> line.startsWith("SIGNED   lake/certified  -> "))
        .contains(
            "SIGNED   lake/fresh  -> lake/fresh/model.sig  (weakened by --sign-unsigned)",
            "ALLOWED_UNSIGNED lake/bare  (rule bare)");
    assertThat(resigned.err())
        .contains(
            "FAILED   lake/tampered  CONTENT_MISMATCH: ",
            "FAILED   lake/no-rule  NO_POLICY_RULE: ",
            "FAILED   lake/unsigned  NO_POLICY_RULE: ")
        .doesNotContain("Exception");
    assertThat(bundle("tampered")).isEqualTo(tampered);
    assertThat(bundle("no-rule")).isEqualTo(noRule);
    assertThat(folder.resolve("lake/unsigned/model.sig")).doesNotExist();
    assertThat(folder.resolve("lake/bare/model.sig")).doesNotExist();
    assertThat(verified.outLines())
        .containsExactlyInAnyOrder(
            "VERIFIED lake/keyed",
            "VERIFIED lake/unread",
            "VERIFIED lake/certified",
            "VERIFIED lake/fresh");
    assertThat(skipped.code()).as(skipped.err()).isEqualTo(ExitCode.OK);
    assertThat(skipped.out())
        .contains("SKIPPED  lake/keyed", "SKIPPED  lake/certified", "SKIPPED  lake/fresh");
  }

  @Test
  void model_whoseBundleWasDeleted_staysUnsignedUnlessBothSayOtherwise() throws Exception {
    succeed("sign", "key", "--private-key", "old.key", "lake/fresh", "lake/bare");
    for (String model : List.of("fresh", "bare")) {
      Files.delete(folder.resolve("lake/" + model + "/model.sig"));
      program.file("lake/" + model + "/weights.bin", "heavier");
    }

    Ended without = resign("lake/fresh", "lake/bare");
    Ended dry = resign("--dry-run", "--sign-unsigned", "lake/fresh", "lake/bare");
    Ended with = resign("--sign-unsigned", "--output", "json", "lake/fresh", "lake/bare");

    assertThat(without.code()).isEqualTo(ExitCode.OK);
    assertThat(without.outLines())
        .containsExactlyInAnyOrder(
            "ALLOWED_UNSIGNED lake/fresh  (rule fresh)", "ALLOWED_UNSIGNED lake/bare  (rule bare)");
    assertThat(dry.out())
        .contains(
            "would resign  lake/fresh  (1 file, ",
            "would pass    lake/bare  (no bundle, which its rule allows; not signed)");
    assertThat(with.outLines())
        .anyMatch(
            line ->
                line.contains("/lake/fresh\"")
                    && line.contains("\"outcome\":\"SIGNED\"")
                    && line.contains("\"weakened\":[\"sign-unsigned\"]"))
        .anyMatch(
            line ->
                line.contains("/lake/bare\"")
                    && line.contains("\"outcome\":\"ALLOWED_UNSIGNED\"")
                    && line.contains("A first signature needs 'sign-unsigned: allow' in the rule"));
    assertThat(folder.resolve("lake/bare/model.sig")).doesNotExist();
  }

  @Test
  void models_whoseDigestsAreTrusted_areNotReadWhereTheRuleAllowsIt() throws Exception {
    program.file("lake/unread/weights.bin", "heavier");

    Ended resigned = resign("--trust-previous-digests", "--output", "json", "lake/{unread,keyed}");
    Ended verified = program.run("verify", "key", "--public-key", "new.pub", "lake/unread");
    program.file("lake/unread/weights.bin", CONTENT);
    Ended restored = program.run("verify", "key", "--public-key", "new.pub", "lake/unread");

    assertThat(resigned.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(resigned.outLines())
        .anyMatch(
            line ->
                line.contains("/lake/unread\"")
                    && line.contains("\"outcome\":\"SIGNED\"")
                    && line.contains("\"weakened\":[\"content not read\"]")
                    && line.contains("\"bytes\":0,"))
        .anyMatch(
            line ->
                line.contains("/lake/keyed\"")
                    && line.contains("\"reason\":\"DENIED_BY_POLICY\"")
                    && line.contains("--trust-previous-digests"));
    assertThat(verified.err()).contains("CONTENT_MISMATCH");
    assertThat(restored.code()).as(restored.err()).isEqualTo(ExitCode.OK);
  }

  @Test
  void models_signedAgainWithACertificateAndAnotherHash_keepWhatWasReplaced() throws Exception {
    byte[] before = bundle("keyed");

    Ended resigned =
        program.run(
            "resign",
            "certificate",
            "--policy",
            "policy.yaml",
            "--private-key",
            certificateFile("test-only-rsa.key"),
            "--signing-certificate",
            certificateFile("rsa.pem"),
            "--certificate-chain",
            certificateFile("intermediate.pem"),
            "--hash-algorithm",
            "blake3",
            "--keep-previous",
            "replaced",
            "lake/keyed");
    Ended verified =
        program.run(
            "verify",
            "certificate",
            "--certificate-chain",
            certificateFile("root.pem"),
            "lake/keyed");
    Ended inspected = program.run("inspect", "--output", "json", "lake/keyed");

    assertThat(resigned.code()).as(resigned.err()).isEqualTo(ExitCode.OK);
    assertThat(verified.code()).as(verified.err()).isEqualTo(ExitCode.OK);
    assertThat(inspected.out()).contains("blake3");
    assertThat(folder.resolve("replaced/" + Sha256.hex(before) + ".sig")).hasBinaryContent(before);
  }

  @Test
  void run_killedAfterItsLastCheckpoint_leavesNoCopyOfWhatItReplaced() throws Exception {
    Ended resigned = resign("--state", "state", "lake/keyed", "lake/certified");
    Path copies = folder.resolve("lake/keyed");
    List<String> left = List.of(copies.toFile().list());
    Path state = folder.resolve("state/state.json");
    String ended = Files.readString(state);
    String runId = ended.replaceAll("(?s).*\"runId\" *: *\"([^\"]*)\".*", "$1");
    Files.writeString(state, ended.replaceAll(",\\s*\"finished\" *: *\\{[^}]*\\}", ""));
    Path copy = Path.of(ReplacedBundle.of(copies.resolve("model.sig").toString(), runId).uri());
    Files.writeString(copy, "replaced");
    assertThat(state).content().doesNotContain("finished");

    Ended again = resign("--state", "state", "lake/keyed", "lake/certified");

    assertThat(resigned.code()).as(resigned.err()).isEqualTo(ExitCode.OK);
    assertThat(left).containsExactlyInAnyOrder("weights.bin", "model.sig");
    assertThat(again.err()).contains("has ended already");
    assertThat(again.code()).isEqualTo(ExitCode.OK);
    assertThat(copy).doesNotExist();
  }

  @Test
  void run_askedToStop_leavesSignedModelsThatVerify() throws Exception {
    succeed("sign", "key", "--private-key", "old.key", "lake/unread");
    // Nobody reads that to its end.
    try (RandomAccessFile large =
        new RandomAccessFile(folder.resolve("lake/unread/weights.bin").toFile(), "rw")) {
      large.setLength(1L << 40);
    }
    byte[] replaced = bundle("keyed");
    ForkedProgram run =
        ForkedProgram.start(
            folder,
            List.of(),
            List.of(
                "resign",
                "key",
                "--policy",
                "policy.yaml",
                "--private-key",
                "new.key",
                "--parallelism",
                "1",
                "lake/keyed",
                "lake/unread"));
    while (run.isAlive() && Arrays.equals(bundle("keyed"), replaced)) {
      Thread.sleep(1);
    }
    run.askToStop();
    int code = run.await();

    Ended verified = program.run("verify", "key", "--public-key", "new.pub", "lake/keyed");

    assertThat(code).as(run.err()).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(verified.code()).as(verified.err()).isEqualTo(ExitCode.OK);
    for (String model : List.of("keyed", "unread")) {
      assertThat(folder.resolve("lake/" + model).toFile().list())
          .containsExactlyInAnyOrder("weights.bin", "model.sig");
    }
  }

  @Test
  void bundleFromTheFuture_ofADeniedModel_isNotTakenForTheRunsOwn() throws Exception {
    succeed("sign", "key", "--private-key", "new.key", "lake/unread");
    byte[] planted = bundle("unread");
    Files.setLastModifiedTime(
        folder.resolve("lake/unread/model.sig"), FileTime.from(Instant.now().plusSeconds(3_600)));
    program.file(
        "policy.yaml", "version: 1\nrules:\n  - {name: quarantine, models: '.*', deny: all}\n");

    Ended resigned = resign("lake/unread");

    assertThat(resigned.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(resigned.err()).contains("FAILED   lake/unread  DENIED_BY_POLICY: ");
    assertThat(bundle("unread")).isEqualTo(planted);
  }

  @Test
  void dryRun_ofModels_saysWhichWouldFailAndWritesNothing() throws Exception {
    byte[] before = bundle("keyed");

    Ended ended = resign("--dry-run", "--sign-unsigned", "--keep-previous", "replaced", "lake/*");

    assertThat(ended.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(ended.out())
        .contains("would resign  lake/keyed  (1 file, ", "would resign  lake/fresh  (1 file, ");
    assertThat(ended.err()).contains("would fail    lake/no-rule", "would fail    lake/unsigned");
    assertThat(bundle("keyed")).isEqualTo(before);
    assertThat(folder.resolve("replaced")).doesNotExist();
    assertThat(folder.resolve("lake/fresh/model.sig")).doesNotExist();
  }

  @Test
  void mistakes_areRefusedBeforeAnythingIsSigned() throws Exception {
    byte[] before = bundle("keyed");

    Ended unsignedFiles = resign("--ignore-unsigned-files", "lake/keyed");
    Ended ignored = resign("--ignore-paths", "weights.bin", "lake/keyed");
    Ended noOverwrite = resign("--no-overwrite", "lake/keyed");
    Ended unread = resign("--trust-previous-digests", "--hash-algorithm", "blake3", "lake/keyed");
    Ended inModel = resign("--keep-previous", "lake/keyed/previous", "lake/keyed");
    Ended noPolicy = program.run("resign", "key", "--private-key", "new.key", "lake/keyed");
    Ended noMethod = program.run("resign", "lake/keyed");

    for (Ended ended :
        List.of(unsignedFiles, ignored, noOverwrite, unread, inModel, noPolicy, noMethod)) {
      assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.USAGE);
      assertThat(ended.err()).doesNotContain("Exception").hasLineCount(1);
    }
    assertThat(unsignedFiles.err()).contains("--ignore-unsigned-files does not go with resign");
    assertThat(ignored.err()).contains("--ignore-paths does not go with resign");
    assertThat(noOverwrite.err())
        .contains("--no-overwrite does not go with", "--keep-previous DIR");
    assertThat(unread.err()).contains("--trust-previous-digests does not go with --hash-algorithm");
    assertThat(inModel.err()).contains("is inside the model");
    assertThat(noPolicy.err()).contains("resign key needs --policy FILE");
    assertThat(noMethod.err()).contains("resign needs a method behind it");
    assertThat(bundle("keyed")).isEqualTo(before);
  }

  @Test
  void ignorePaths_ofACatalog_countForWhatIsSignedForTheFirstTime() throws Exception {
    program.file("lake/fresh/notes.txt", "not signed");
    program.file("lake/keyed/notes.txt", "not signed, and not left out by the old bundle");
    program.file(
        "catalog.jsonl",
        """
        {"model": "lake/fresh", "ignore_paths": ["notes.txt"]}
        {"model": "lake/unread", "ignore_paths": ["weights.bin"]}
        {"model": "lake/keyed", "ignore_paths": ["notes.txt"]}
        """);

    Ended refused = resign("--sign-unsigned", "--catalog", "catalog.jsonl");
    Ended pointless = resign("--allow-catalog-ignores", "--catalog", "catalog.jsonl");
    Ended unsigned = resign("--dry-run", "--catalog", "catalog.jsonl");
    Ended resigned =
        resign("--sign-unsigned", "--allow-catalog-ignores", "--catalog", "catalog.jsonl");
    Ended verified =
        program.run("verify", "key", "--public-key", "new.pub", "lake/fresh", "lake/unread");
    Files.writeString(folder.resolve("lake/unread/weights.bin"), "signed all the same");
    Ended changed = program.run("verify", "key", "--public-key", "new.pub", "lake/unread");

    assertThat(refused.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.err()).contains("catalog may do only with --allow-catalog-ignores.");
    assertThat(pointless.code()).isEqualTo(ExitCode.USAGE);
    assertThat(pointless.err()).contains("--allow-catalog-ignores needs --sign-unsigned");
    assertThat(unsigned.code()).isEqualTo(ExitCode.OK);
    assertThat(unsigned.out()).contains("would pass    lake/fresh", "would resign  lake/unread");
    assertThat(resigned.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(resigned.outLines())
        .contains(
            "SIGNED   lake/fresh  -> lake/fresh/model.sig  (weakened by --sign-unsigned,"
                + " --allow-catalog-ignores)")
        .anyMatch(line -> line.startsWith("SIGNED   lake/unread") && !line.contains("weakened by"));
    assertThat(resigned.err()).contains("FAILED   lake/keyed  CONTENT_MISMATCH: ", "notes.txt");
    assertThat(verified.code()).as(verified.err()).isEqualTo(ExitCode.OK);
    assertThat(changed.err()).contains("FAILED   lake/unread  CONTENT_MISMATCH: ");
  }

  private Ended resign(String... arguments) {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("resign", "key", "--policy", "policy.yaml", "--private-key", "new.key"));
    all.addAll(List.of(arguments));
    return program.run(all.toArray(String[]::new));
  }

  private void succeed(String... arguments) {
    Ended ended = program.run(arguments);
    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.OK);
  }

  private byte[] bundle(String model) throws Exception {
    return Files.readAllBytes(folder.resolve("lake/" + model + "/model.sig"));
  }
}
