package dev.countersign.verification;

import dev.countersign.keys.Certificates;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.remedy.Remedy;
import java.util.Arrays;

/**
 * Recognizes the bundles of one signer by its certificate, whether others would trust it or not.
 */
public final class OwnCertificateVerifier implements BundleVerifier {

  private final byte[] certificate;
  private final OmsBounds bounds;

  /** A verifier that accepts bundles of the signer with that certificate. */
  public OwnCertificateVerifier(OwnCertificateSettings settings, OmsBounds bounds) {
    this.certificate = settings.certificate();
    this.bounds = bounds;
  }

  @Override
  public VerifiedBundle verify(byte[] bundleJson) throws OmsException, VerificationException {
    SignedChain signed = SignedChain.read(bundleJson, bounds);
    CertifiedSigner claimed = CertifiedSigner.claimed(signed.leaf());
    if (!Arrays.equals(certificate, Certificates.encoded(signed.leaf()))) {
      throw new VerificationException(
          VerificationException.Kind.UNTRUSTED_SIGNER,
          "The bundle was signed with another certificate than this signer's.",
          Remedy.NONE,
          claimed);
    }
    return signed.verified(claimed, bounds);
  }
}
