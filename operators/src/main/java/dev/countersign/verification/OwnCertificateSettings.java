package dev.countersign.verification;

import dev.countersign.keys.Certificates;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.OmsBounds;
import java.util.Arrays;

/**
 * A signer's own certificate, to recognize its bundles by. Whether others would trust it is of no
 * matter here.
 *
 * @param certificate in DER
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record OwnCertificateSettings(byte[] certificate) implements VerificationSettings {

  /** Returns a verifier that accepts bundles of the signer with that certificate. */
  public BundleVerifier verifier(OmsBounds bounds) {
    return bundleJson -> {
      SignedChain signed = SignedChain.of(BundleJson.read(bundleJson, bounds));
      CertifiedSigner claimed = CertifiedSigner.claimed(signed.leaf());
      if (!Arrays.equals(certificate, Certificates.encoded(signed.leaf()))) {
        throw new VerificationException(
            VerificationException.Kind.UNTRUSTED_SIGNER,
            claimed,
            "The bundle was signed with another certificate than this signer's.");
      }
      return signed.verified(claimed, bounds);
    };
  }
}
