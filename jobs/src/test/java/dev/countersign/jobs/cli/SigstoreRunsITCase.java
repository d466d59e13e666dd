package dev.countersign.jobs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Method sigstore from end to end, with a bundle that the reference client made with the public
 * instance and that instance's trusted root. No service is called.
 */
final class SigstoreRunsITCase {

  private static final Path SIGSTORE =
      Path.of("../operators/src/test/resources/sigstore").toAbsolutePath().normalize();
  private static final String IDENTITY = "stefanb@us.ibm.com";
  private static final String PROVIDER = "https://sigstore.verify.ibm.com/oauth2";

  @TempDir Path folder;
  private ProgramRuns program;

  @BeforeEach
  void setUp() throws IOException {
    program = new ProgramRuns(folder);
    program.file("lake/model/signme-1", "signme-1");
    program.file("lake/model/signme-2", "signme-2");
    program.file("lake/other/weights", "other");
    Files.copy(
        SIGSTORE.resolve("bundles/model-signing-v0.3.1.sig"),
        folder.resolve("lake/model/model.sig"));
    Files.copy(SIGSTORE.resolve("public/trusted_root.json"), folder.resolve("root.json"));
  }

  @Test
  void verify_ofABundleOfThePublicInstance_tellsIdentityAndTime() {
    Ended text = verify(IDENTITY, PROVIDER);
    Ended json = verify(IDENTITY, PROVIDER, "--output", "json");

    assertThat(text.code()).as(text.err()).isEqualTo(ExitCode.OK);
    assertThat(text.out())
        .contains("VERIFIED lake/model  (signed by " + IDENTITY + " of " + PROVIDER);
    assertThat(json.code()).as(json.err()).isEqualTo(ExitCode.OK);
    assertThat(json.out())
        .contains("\"signatureMethod\":\"sigstore\"", "\"signer\":\"" + IDENTITY + "\"")
        .contains("\"identityProvider\":\"" + PROVIDER + "\"", "\"logIndex\":206342049")
        .contains("\"logTime\":\"2025-05-03T01:10:02", "\"notAfter\":\"2025-05-03T01:20:02");
  }

  @Test
  void verify_ofAnotherIdentityOrContent_fails() throws IOException {
    Ended other = verify("other@us.ibm.com", PROVIDER);
    Ended part =
        program.run(
            "verify",
            "sigstore",
            "--identity-regexp",
            "stefanb",
            "--identity-provider",
            PROVIDER,
            "--trusted-root",
            "root.json",
            "lake/model");
    program.file("lake/model/signme-2", "changed");
    Ended changed = verify(IDENTITY, PROVIDER);

    assertThat(other.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(other.out() + other.err())
        .contains("UNTRUSTED_SIGNER", "was signed by " + IDENTITY + ", for whom " + PROVIDER);
    assertThat(part.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(part.out() + part.err()).contains("UNTRUSTED_SIGNER");
    assertThat(changed.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(changed.out() + changed.err()).contains("CONTENT_MISMATCH");
  }

  @Test
  void policy_withAnIdentity_acceptsItUnderEitherNameOfTheInstance() throws IOException {
    String rule =
        "version: 1\nrules:\n  - name: ours\n    models: '.*'\n    accept:\n      sigstore:\n"
            + "        - {identity: "
            + IDENTITY
            + ", issuer: '"
            + PROVIDER
            + "'}\n";
    program.file("policy.yaml", rule);
    program.file("whole.yaml", rule + "sigstore-trusted-root: root.json\n");

    Ended byOption =
        program.run(
            "verify",
            "policy",
            "--policy",
            "policy.yaml",
            "--trusted-root",
            "root.json",
            "lake/model");
    Ended byPolicy = program.run("verify", "policy", "--policy", "whole.yaml", "lake/model");
    Ended byBoth =
        program.run(
            "verify",
            "policy",
            "--policy",
            "whole.yaml",
            "--trust-config",
            "root.json",
            "lake/model");

    assertThat(byOption.code()).as(byOption.err()).isEqualTo(ExitCode.OK);
    assertThat(byOption.out()).contains("signed by " + IDENTITY, "rule ours");
    assertThat(byPolicy.code()).as(byPolicy.err()).isEqualTo(ExitCode.OK);
    assertThat(byBoth.code()).isEqualTo(ExitCode.USAGE);
    assertThat(byBoth.err()).contains("name an instance as well. Choose one.");
  }

  @Test
  void resign_ofABundleWhoseIdentityThePolicyAccepts_replacesItAndNoOther() throws IOException {
    String rule =
        "version: 1\nsigstore-trusted-root: root.json\nrules:\n  - name: ours\n    models: '.*'\n"
            + "    accept:\n      sigstore: [{identity: %s, issuer: '"
            + PROVIDER
            + "'}]\n";
    program.file("policy.yaml", rule.replace("%s", IDENTITY));
    program.file("other.yaml", rule.replace("%s", "other@us.ibm.com"));
    program.keyPair("next");
    Path bundle = folder.resolve("lake/model/model.sig");
    byte[] before = Files.readAllBytes(bundle);

    Ended other = resign("other.yaml");
    byte[] kept = Files.readAllBytes(bundle);
    Ended accepted = resign("policy.yaml");
    Ended verified = program.run("verify", "key", "--public-key", "next.pub", "lake/model");

    assertThat(other.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(other.out() + other.err()).contains("UNTRUSTED_SIGNER");
    assertThat(kept).isEqualTo(before);
    assertThat(accepted.code()).as(accepted.err()).isEqualTo(ExitCode.OK);
    assertThat(accepted.out()).contains("(previously signed by stefanb@us.ibm", "rule ours)");
    assertThat(verified.code()).as(verified.err()).isEqualTo(ExitCode.OK);
  }

  private Ended resign(String policy) {
    return program.run(
        "resign", "key", "--policy", policy, "--private-key", "next.key", "lake/model");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--trusted-root root.json | needs --identity TEXT and --identity-provider URL",
        "--identity a --trusted-root root.json | in the same order (given: 0 for 1).",
        "--identity a --identity b --identity-provider c --trusted-root root.json | (given: 1 for"
            + " 2).",
        "--identity a --identity-provider b --trusted-root gone.json | --trusted-root: There is"
            + " nothing at",
        "--identity a --identity-provider b --trusted-root bad.json | bad.json as a trusted root",
        "--identity a --identity-regexp b --identity-provider c | does not go with",
        "--identity-regexp ( --identity-provider b --trusted-root root.json | cannot be used",
        "--identity a --identity-provider b --trusted-root root.json --trust-config root.json"
            + " | does not go with"
      })
  void verify_withWhatDoesNotGoTogether_isRefused(String arguments, String message)
      throws IOException {
    program.file("bad.json", "{\"tlogs\":1}");

    Ended ended = onModel("verify", arguments);

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err()).contains(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--identity-token-file gone.txt | gone.txt cannot be read (NoSuchFileException).",
        "--identity-token-file bad.txt | bad.txt is not a JSON Web Token.",
        "--identity-token-file old.txt | old.txt expired at 2001-09-09T01:46:40Z",
        "--identity-token-env NOBODY_SETS_THIS | NOBODY_SETS_THIS for the identity token is not"
            + " set.",
      })
  void sign_withoutATokenThatCanBeUsed_isRefusedBeforeTheInstanceIsLookedUp(
      String arguments, String message) throws IOException {
    Base64.Encoder base64 = Base64.getUrlEncoder();
    program.file("bad.txt", "no token");
    program.file(
        "old.txt", "e30." + base64.encodeToString("{\"exp\":1000000000}".getBytes(UTF_8)) + ".e30");

    // The public instance, whose description would be downloaded.
    Ended ended = onModel("sign", arguments);

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err()).contains(message).doesNotContain("TUF", "broke");
  }

  @Test
  void sign_thatStartsNothing_needsNoToken() throws IOException {
    Files.copy(SIGSTORE.resolve("public/signing_config.v0.2.json"), folder.resolve("config.json"));
    program.keyPair("release");
    Ended other =
        program.run(
            "sign", "key", "--private-key", "release.key", "--state", "state", "lake/other");

    Ended dryRun = signWithoutToken("--dry-run");
    Ended withOthersState = signWithoutToken("--state", "state");
    Ended withNewState = signWithoutToken("--state", "new");

    assertThat(other.code()).as(other.err()).isEqualTo(ExitCode.OK);
    assertThat(dryRun.code()).as(dryRun.err()).isEqualTo(ExitCode.OK);
    assertThat(withOthersState.err()).contains("holds the state of another command.");
    assertThat(withNewState.err()).contains("NOBODY_SETS_THIS for the identity token is not set.");
  }

  private Ended signWithoutToken(String... options) {
    return program.run(
        Stream.concat(
                Stream.of(
                    "sign",
                    "sigstore",
                    "--identity-token-env",
                    "NOBODY_SETS_THIS",
                    "--trusted-root",
                    "root.json",
                    "--signing-config",
                    "config.json",
                    "lake/model"),
                Arrays.stream(options))
            .toArray(String[]::new));
  }

  @Test
  void inspect_ofABundleOfSigstore_showsIdentityAndLogEntry() {
    Ended text = program.run("inspect", "lake/model");
    Ended json = program.run("inspect", "--output", "json", "lake/model");

    assertThat(text.out())
        .contains("  method       sigstore\n", "  signer       " + IDENTITY + "\n")
        .contains("vouched for by " + PROVIDER)
        .contains("  log entry    dsse 0.0.1, index 206342049 of 2025-05-03T01:10:02Z\n")
        .doesNotContain("fault");
    assertThat(json.out())
        .contains("\"logEntries\":[{\"logIndex\":206342049,", "\"kind\":\"dsse\"")
        .contains("\"hasPromise\":true,\"hasProof\":true");
  }

  private Ended verify(String identity, String provider, String... more) {
    return program.run(
        Stream.concat(
                Stream.of(
                    "verify",
                    "sigstore",
                    "--identity",
                    identity,
                    "--identity-provider",
                    provider,
                    "--trusted-root",
                    "root.json",
                    "lake/model"),
                Arrays.stream(more))
            .toArray(String[]::new));
  }

  /** Runs a command of Sigstore's with these arguments, parted by spaces, on the model. */
  private Ended onModel(String verb, String arguments) {
    return program.run(
        Stream.of(
                Stream.of(verb, "sigstore"),
                Arrays.stream(arguments.split(" ")),
                Stream.of("lake/model"))
            .flatMap(each -> each)
            .toArray(String[]::new));
  }
}
