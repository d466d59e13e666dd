package dev.countersign.verification;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.oms.OmsBounds;
import dev.countersign.trust.TrustException;
import java.time.Clock;

/** Makes the verifier that settings ask for. */
public final class BundleVerifiers {

  private BundleVerifiers() {}

  /**
   * Returns a verifier that trusts whom the settings name.
   *
   * @param bounds what a bundle may not exceed
   * @param clock tells the present time at each verification
   * @throws KeyFormatException if a public key cannot be used
   * @throws TrustException if a certificate or a revocation list cannot be used
   */
  public static BundleVerifier of(VerificationSettings settings, OmsBounds bounds, Clock clock)
      throws KeyFormatException, TrustException {
    if (settings instanceof KeyVerificationSettings keys) {
      return KeyVerifier.of(keys, bounds);
    }
    if (settings instanceof CertificateVerificationSettings certificates) {
      return CertificateVerifier.of(certificates, bounds, clock);
    }
    if (settings instanceof PolicySettings policy) {
      return PolicyVerifier.of(policy, bounds, clock);
    }
    if (settings instanceof RereadSettings reread) {
      return new RereadVerifier(reread, bounds, clock);
    }
    return new OwnCertificateVerifier((OwnCertificateSettings) settings, bounds);
  }
}
