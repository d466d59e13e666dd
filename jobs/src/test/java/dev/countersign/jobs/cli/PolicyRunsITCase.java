package dev.countersign.jobs.cli;

import static dev.countersign.jobs.cli.ProgramRuns.certificateFile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code verify policy} from end to end, on the cluster that the program starts in this process.
 */
final class PolicyRunsITCase {

  private static final String CONTENT = "weights";

  @TempDir Path folder;
  private ProgramRuns program;

  @BeforeEach
  void setUp() throws Exception {
    program = new ProgramRuns(folder);
    program.keyPair("release");
    program.keyPair("other");
    program.file(
        "policies/policy.yaml",
        String.format(
            Locale.ROOT,
            """
            version: 1
            rules:
              - name: keyed
                models: '\\Q%1$s\\E/lake/(keyed|foreign)/.*'
                accept: {keys: ../release.pub}
              - name: certified
                models: '\\Q%1$s\\E/lake/certified/.*'
                accept:
                  certificates:
                    - authorities: '%2$s'
                      subject: {pattern: 'CN=Signer .*,O=Test only'}
                      alternative-name: email:p256@example.org
              - name: either
                models: '\\Q%1$s\\E/lake/either/.*'
                accept:
                  keys: ../release.pub
                  hashes: blake3
                unsigned: allow
            """,
            folder,
            certificateFile("root.pem")));
    for (String model : new String[] {"keyed", "foreign", "certified", "either", "no-rule"}) {
      program.file("lake/" + model + "/m/weights.bin", CONTENT);
    }
    sign("release.key", "lake/keyed/m");
    sign("other.key", "lake/foreign/m");
    sign("release.key", "lake/no-rule/m");
    Ended certified =
        program.run(
            "sign",
            "certificate",
            "--private-key",
            certificateFile("test-only-p256.key"),
            "--signing-certificate",
            certificateFile("p256.pem"),
            "--certificate-chain",
            certificateFile("intermediate.pem"),
            "lake/certified/m");
    assertThat(certified.code()).as(certified.err()).isEqualTo(ExitCode.OK);
  }

  @Test
  void models_underAPolicy_areEachDecidedByTheirRule() {
    Ended verified = verify("--log-fingerprints", "lake/*/*");
    Ended json = verify("--output", "json", "lake/either/m");
    Ended dry = verify("--dry-run", "lake/*/*");

    assertThat(verified.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(verified.outLines())
        .containsExactlyInAnyOrder(
            "VERIFIED lake/keyed/m  (rule keyed)",
            "VERIFIED lake/certified/m  (signed by CN=Signer p256,O=Test only, rule certified)",
            "ALLOWED_UNSIGNED lake/either/m  (rule either)");
    assertThat(verified.err())
        .contains(
            "Rule 'certified': Trusted certificate: sha256 ",
            "FAILED   lake/foreign/m  UNTRUSTED_SIGNER: ",
            "Rule 'keyed' of the policy: No trusted key signed the bundle",
            "FAILED   lake/no-rule/m  NO_POLICY_RULE: No policy rule matches ",
            "5 models: 2 verified, 1 allowed unsigned, 2 failed; ")
        .doesNotContain("Exception");
    assertThat(json.code()).as(json.err()).isEqualTo(ExitCode.OK);
    assertThat(json.out())
        .contains(
            "\"outcome\":\"ALLOWED_UNSIGNED\"",
            "\"reason\":\"NONE\"",
            "\"policyRule\":\"either\"",
            "\"signer\":\"\"");
    assertThat(dry.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(dry.err()).contains("would fail    lake/no-rule/m  No policy rule matches ");
    assertThat(dry.out()).contains("would verify  lake/either/m").doesNotContain("no-rule");
  }

  @Test
  void model_thatItsRuleAcceptsNot_failsThoughItMayBeUnsigned() throws Exception {
    sign("release.key", "lake/either/m");
    Ended hashed = verify("lake/either/m");
    sign("other.key", "lake/either/m");
    Ended foreign = verify("lake/either/m");
    sign("release.key", "lake/either/m", "--hash-algorithm", "blake3");
    Ended accepted = verify("lake/either/m");
    program.file("lake/either/m/weights.bin", "changed");
    Ended changed = verify("lake/either/m");

    assertThat(hashed.err())
        .contains("DENIED_BY_POLICY: ", "was hashed with sha256, and the rule accepts blake3");
    assertThat(foreign.err()).contains("UNTRUSTED_SIGNER: ");
    assertThat(accepted.outLines()).containsExactly("VERIFIED lake/either/m  (rule either)");
    assertThat(changed.err()).contains("CONTENT_MISMATCH: ");
  }

  private Ended verify(String... arguments) {
    String[] all = new String[arguments.length + 4];
    all[0] = "verify";
    all[1] = "policy";
    all[2] = "--policy";
    all[3] = "policies/policy.yaml";
    System.arraycopy(arguments, 0, all, 4, arguments.length);
    return program.run(all);
  }

  private void sign(String key, String model, String... options) {
    String[] all = new String[options.length + 5];
    all[0] = "sign";
    all[1] = "key";
    all[2] = "--private-key";
    all[3] = key;
    System.arraycopy(options, 0, all, 4, options.length);
    all[all.length - 1] = model;
    Ended signed = program.run(all);
    assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);
  }
}
