package dev.countersign.verification;

import dev.countersign.trust.SigstoreInstance;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A trust policy with everything that it names: who may have signed which model. The first rule
 * whose pattern is for a model decides about it; a model that no rule is for is denied.
 *
 * @param rules in the order of the policy
 * @param deniedFingerprints whom no rule accepts: SHA-256 of certificates, or hints of keys, in
 *     lower-case hexadecimal
 * @param sigstore the Sigstore instance whose signatures count; null if none is named or can be
 *     read, so that identities count for nothing
 * @param sigstoreFault why the instance cannot be read, for the user's eyes; empty if it can, or
 *     none is named
 */
public record PolicySettings(
    List<PolicyRule> rules,
    List<String> deniedFingerprints,
    @Nullable SigstoreInstance sigstore,
    String sigstoreFault)
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

  /** A policy whose Sigstore instance was read, or that names none. */
  public PolicySettings(
      List<PolicyRule> rules,
      List<String> deniedFingerprints,
      @Nullable SigstoreInstance sigstore) {
    this(rules, deniedFingerprints, sigstore, "");
  }

  /** A policy that names no Sigstore instance. */
  public PolicySettings(List<PolicyRule> rules, List<String> deniedFingerprints) {
    this(rules, deniedFingerprints, null);
  }

  /** Returns the same policy with a Sigstore instance. */
  public PolicySettings withSigstore(SigstoreInstance instance) {
    return new PolicySettings(rules, deniedFingerprints, instance);
  }

  /**
   * Returns the same policy without a Sigstore instance.
   *
   * @param fault why the instance cannot be read
   */
  public PolicySettings withoutSigstore(String fault) {
    return new PolicySettings(rules, deniedFingerprints, null, fault);
  }

  /** Returns whether a rule accepts identities of Sigstore. */
  public boolean acceptsIdentities() {
    return rules.stream().anyMatch(rule -> !rule.accepted().identities().isEmpty());
  }

  /** Returns whether a rule accepts identities, which count for nothing without an instance. */
  public boolean lacksSigstore() {
    return sigstore == null && acceptsIdentities();
  }
}
