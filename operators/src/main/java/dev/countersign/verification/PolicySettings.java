package dev.countersign.verification;

import java.util.List;

/**
 * A trust policy with everything that it names: who may have signed which model. The first rule
 * whose pattern is for a model decides about it; a model that no rule is for is denied.
 *
 * @param rules in the order of the policy
 * @param deniedFingerprints whom no rule accepts: SHA-256 of certificates, or hints of keys, in
 *     lower-case hexadecimal
 */
public record PolicySettings(List<PolicyRule> rules, List<String> deniedFingerprints)
    implements VerificationSettings {

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException if there is no rule
   */
  public PolicySettings {
    rules = List.copyOf(rules);
    deniedFingerprints = List.copyOf(deniedFingerprints);
    if (rules.isEmpty()) {
      throw new IllegalArgumentException("A policy without rules trusts nobody");
    }
  }
}
