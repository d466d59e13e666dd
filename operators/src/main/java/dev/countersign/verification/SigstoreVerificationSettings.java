package dev.countersign.verification;

import dev.countersign.trust.SigstoreInstance;
import java.util.List;

/**
 * Whose Sigstore signatures count.
 *
 * @param instance whose certificates, logs and timestamps count
 * @param identities who may have signed, one of these; at least one
 */
public record SigstoreVerificationSettings(
    SigstoreInstance instance, List<PolicyAcceptance.Identity> identities)
    implements VerificationSettings {

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if it is empty: whoever has an account anywhere can sign
   */
  public SigstoreVerificationSettings {
    identities = List.copyOf(identities);
    if (identities.isEmpty()) {
      throw new IllegalArgumentException("No identity to verify with");
    }
  }

  /**
   * Returns settings that trust one signer.
   *
   * @param identity as its certificate names it
   * @param provider URL of the identity provider
   */
  public static SigstoreVerificationSettings ofOne(
      SigstoreInstance instance, String identity, String provider) {
    return new SigstoreVerificationSettings(
        instance,
        List.of(
            new PolicyAcceptance.Identity(
                new PolicyAcceptance.NameRule(identity, false), provider)));
  }
}
