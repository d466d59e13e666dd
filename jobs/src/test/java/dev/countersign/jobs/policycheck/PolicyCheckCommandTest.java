package dev.countersign.jobs.policycheck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns;
import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PolicyCheckCommandTest {

  @TempDir Path folder;
  private ProgramRuns program;

  @BeforeEach
  void setUp() throws IOException {
    program = new ProgramRuns(folder);
    program.keyPair("release");
    program.file(
        "policy.yaml",
        """
        version: 1
        rules:
          - name: quarantine
            models: ['/lake/bad/.*', '/lake/worse/.*']
            deny: all
          - name: released
            models: '/lake/.*'
            accept:
              keys: release.pub
              hashes: [sha256, blake3]
            trust-previous-digests: true
          - name: sandbox
            models: '/sandbox/.*'
            unsigned: allow
            sign-unsigned: allow
          - name: never
            models: '/sandbox/.*'
            unsigned: allow
        """);
  }

  @Test
  void policy_withoutModels_isShownWithItsWarnings() {
    Ended ended = program.run("policy", "check", "policy.yaml");

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.OK);
    assertThat(ended.outLines())
        .containsSubsequence(
            "policy.yaml: 4 rules. The first rule that matches a model applies. A model that no"
                + " rule matches is denied.",
            "1. quarantine  (line 3)",
            "   models      /lake/bad/.*",
            "               /lake/worse/.*",
            "   denies      every matching model, regardless of its signer",
            "2. released  (line 6)",
            "   models      /lake/.*",
            "   hashed      with sha256 or blake3",
            "   unsigned    denied",
            "   resign      may take the digests of the old bundle (--trust-previous-digests)",
            "3. sandbox  (line 12)",
            "   accepts     no signer",
            "   unsigned    allowed: a model without a bundle passes",
            "   resign      may sign a model without a bundle (--sign-unsigned)");
    assertThat(ended.out())
        .containsPattern("accepts     the key in release.pub \\(fingerprint [0-9a-f]{64}");
    assertThat(ended.err())
        .isEqualTo(
            "Warning: rule 'never', line 16: The pattern /sandbox/.* never decides: rule 'sandbox'"
                + " before it has the same.\n");
  }

  @Test
  void policy_withIdentitiesOfSigstore_showsThemAndTheInstanceUnread() throws IOException {
    program.file("root.json", "read where it is used");
    program.file(
        "sigstore.yaml",
        "version: 1\nsigstore-trusted-root: root.json\nrules:\n  - {name: ours, models: '/.*',"
            + " accept: {sigstore: {identity: me@example.org, issuer: 'https://id.example'}}}\n");

    Ended text = program.run("policy", "check", "sigstore.yaml");
    Ended json = program.run("policy", "check", "--output", "json", "sigstore.yaml");

    assertThat(text.code()).as(text.err()).isEqualTo(ExitCode.OK);
    assertThat(text.err()).isEmpty();
    assertThat(text.out())
        .contains("   sigstore    the instance in " + folder.resolve("root.json"))
        .contains("   accepts     Sigstore's me@example.org by https://id.example\n");
    assertThat(json.out())
        .contains("\"sigstoreTrustedRoot\":\"" + folder.resolve("root.json") + "\"");
  }

  @Test
  void models_areExplainedEachWithTheRulesBefore() {
    Ended ended =
        program.run("policy", "check", "policy.yaml", "/lake/m/", "/sandbox/x", "/elsewhere/m");

    assertThat(ended.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(ended.outLines())
        .containsSubsequence(
            "/lake/m  rule 'released', line 6",
            "   model       /lake/m",
            "   matches     /lake/.*",
            "   no match    rule 'quarantine': none of its 2 patterns matches",
            "/sandbox/x  rule 'sandbox', line 12",
            "   no match    rule 'quarantine': none of its 2 patterns matches",
            "               rule 'released': /lake/.* does not match",
            "/elsewhere/m  DENIED: no rule matches it",
            "               rule 'never': /sandbox/.* does not match");
    assertThat(ended.err()).isEmpty();
    assertThat(program.run("policy", "check", "policy.yaml", "/lake/m").code())
        .isEqualTo(ExitCode.OK);
  }

  @Test
  void model_withARelativePath_isTakenFromTheWorkingFolder() throws IOException {
    program.file(
        "policy.yaml",
        "version: 1\nrules:\n  - {name: here, models: '\\Q"
            + folder
            + "\\E/.*', unsigned: allow}\n");
    program.pipe("lake/../lake//m\n");

    Ended ended = program.run("policy", "check", "policy.yaml", "-");

    assertThat(ended.outLines().get(0)).isEqualTo("lake/m  rule 'here', line 3");
  }

  @Test
  void models_ofAGlob_areExplainedEach() throws IOException {
    Files.createDirectories(folder.resolve("lake/vision/a"));
    Files.createDirectories(folder.resolve("lake/speech/b"));

    Ended ended = program.run("policy", "check", "policy.yaml", "lake/*/*");
    Ended nothing = program.run("policy", "check", "policy.yaml", "lake/*/c");

    assertThat(ended.outLines())
        .containsSubsequence(
            "lake/speech/b  DENIED: no rule matches it",
            "lake/vision/a  DENIED: no rule matches it");
    assertThat(nothing.code()).isEqualTo(ExitCode.USAGE);
    assertThat(nothing.err())
        .contains(
            "The glob lake/*/c matches nothing. Check the path. * and ? do not match a dot at the"
                + " beginning of a name.");
  }

  @Test
  void json_hasOneObjectForThePolicyOrForEachModel() {
    Ended policy = program.run("policy", "check", "--output", "json", "policy.yaml");
    Ended models =
        program.run("policy", "check", "--output", "json", "policy.yaml", "/lake/m", "/e/m");

    assertThat(policy.outLines()).hasSize(1);
    assertThat(policy.out())
        .startsWith("{\"policy\":\"policy.yaml\",\"rules\":[{\"name\":\"quarantine\",\"line\":3,")
        .contains(
            "\"denied\":true",
            "\"keys\":[{\"source\":\"release.pub\",\"hint\":\"",
            "\"trustsPreviousDigests\":true,\"allowsFirstSignature\":false",
            "\"allowsFirstSignature\":true",
            "\"warnings\":[{\"rule\":\"never\",\"line\":16,");
    assertThat(models.outLines()).hasSize(2);
    assertThat(models.outLines().get(0))
        .startsWith(
            "{\"policy\":\"policy.yaml\",\"model\":\"/lake/m\",\"uri\":\"/lake/m\","
                + "\"rule\":\"released\",\"pattern\":\"/lake/.*\",\"passedOver\":[\"quarantine\"],");
    assertThat(models.outLines().get(1))
        .contains("\"model\":\"/e/m\",\"rule\":null,\"message\":\"No policy rule matches /e/m");
    assertThat(models.code()).isEqualTo(ExitCode.MODEL_FAILED);
  }

  @Test
  void mistakes_areUsageErrorsInOneLine() throws IOException {
    program.file(
        "bad.yaml", "version: 1\nrules:\n  - {name: a, models: '(?=x)', unsigned: allow}\n");

    Ended none = program.run("policy", "check");
    Ended missing = program.run("policy", "check", "none.yaml");
    Ended bad = program.run("policy", "check", "bad.yaml", "/lake/m");
    Ended bare = program.run("policy");
    Ended run = program.run("verify", "policy", "--policy", "bad.yaml", "lake/m");
    Ended without = program.run("verify", "policy", "lake/m");

    for (Ended ended : new Ended[] {none, missing, bad, bare, run, without}) {
      assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.USAGE);
      assertThat(ended.err()).hasLineCount(1).doesNotContain("Exception");
    }
    assertThat(none.err()).contains("policy check needs the FILE of a policy");
    assertThat(missing.err())
        .isEqualTo("countersign: The policy none.yaml: It does not exist. Check its name.\n");
    assertThat(bad.err())
        .startsWith(
            "countersign: The policy bad.yaml, line 3, rule 'a': The pattern '(?=x)' cannot");
    assertThat(run.err()).startsWith("countersign: The policy bad.yaml, line 3, rule 'a': ");
    assertThat(bare.err()).contains("countersign policy check policy.yaml");
    assertThat(without.err()).contains("verify policy needs --policy FILE: ");
  }
}
