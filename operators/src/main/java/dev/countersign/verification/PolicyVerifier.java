package dev.countersign.verification;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.oms.OmsBounds;
import dev.countersign.trust.TrustException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Verifies bundles under a trust policy: the first rule that is for a model decides about it, and a
 * model that no rule is for is denied.
 */
final class PolicyVerifier implements BundleVerifier {

  private final PolicyRules rules;

  /** In the order of the rules. */
  private final List<RuleTrust> trusts;

  /**
   * Makes a verifier under a policy.
   *
   * @param clock tells the present time at each verification
   * @throws KeyFormatException if a public key cannot be used
   * @throws TrustException if a certificate, a revocation list or the Sigstore instance cannot be
   *     used
   */
  PolicyVerifier(PolicySettings policy, OmsBounds bounds, Clock clock)
      throws KeyFormatException, TrustException {
    Optional<SigstoreSignatures> sigstore =
        policy.sigstore() == null || !policy.acceptsIdentities()
            ? Optional.empty()
            : Optional.of(SigstoreSignatures.of(policy.sigstore(), clock));
    List<RuleTrust> ready = new ArrayList<>();
    for (PolicyRule rule : policy.rules()) {
      ready.add(new RuleTrust(rule, policy, sigstore, bounds, clock));
    }
    this.trusts = List.copyOf(ready);
    this.rules = PolicyRules.of(policy);
  }

  /**
   * Refuses every bundle: whom a policy trusts depends on the model.
   *
   * @throws VerificationException always, of the kind {@link
   *     VerificationException.Kind#NO_POLICY_RULE}
   */
  @Override
  public VerifiedBundle verify(byte[] bundleJson) throws VerificationException {
    throw new VerificationException(
        VerificationException.Kind.NO_POLICY_RULE,
        "A policy says whom to trust for a model, and no model was named.");
  }

  @Override
  public ModelTrust forModel(String modelUri) throws VerificationException {
    return trusts.get(rules.choose(modelUri).index());
  }
}
