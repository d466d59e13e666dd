package dev.countersign.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.verification.PolicyRules;
import dev.countersign.verification.PolicySettings;
import dev.countersign.verification.VerificationException;
import java.time.Instant;

/** Any bytes are a policy that can be asked, or a {@link PolicyException}. */
final class PolicyFileFuzzTest {

  @FuzzTest
  void fuzz(byte[] yaml) {
    PolicySettings policy;
    try {
      policy = PolicyFile.parse("fuzzed.yaml", yaml, new TestSources());
    } catch (PolicyException e) {
      assertThat(e.getMessage())
          .startsWith("The policy fuzzed.yaml")
          .doesNotContainPattern("\\p{Cntrl}");
      return;
    }
    assertThat(policy.rules()).isNotEmpty();
    assertThat(PolicyWarnings.of(policy, Instant.EPOCH)).isNotNull();
    try {
      PolicyRules.Choice choice = PolicyRules.of(policy).choose("/lake/released/model");
      assertThat(choice.rule().models()).contains(choice.pattern());
    } catch (VerificationException e) {
      assertThat(e.kind()).isEqualTo(VerificationException.Kind.NO_POLICY_RULE);
    }
  }
}
