package dev.countersign.verification;

import dev.countersign.keys.CertificateDecoder;
import dev.countersign.keys.EcCurve;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.LegacyStatement;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.SignatureMethod;
import dev.countersign.oms.Statement;
import dev.countersign.oms.VerificationMaterial;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A bundle of method certificate, read as far as that is possible without trust: its certificates
 * are well-formed, and the first one's key signed the payload.
 *
 * @param bundle the bundle
 * @param certificates the signer's certificate, then the others in the bundle's order
 * @param legacy whether it was signed in the way of the reference client's release 0.2.0
 */
record SignedChain(Bundle bundle, List<X509Certificate> certificates, boolean legacy) {

  /**
   * Reads a bundle's certificates and checks its signature.
   *
   * @throws OmsException if a certificate is malformed; the payload is not looked into
   * @throws VerificationException if it was signed by another method, or not with the key of its
   *     first certificate
   */
  static SignedChain of(Bundle bundle) throws OmsException, VerificationException {
    List<X509Certificate> certificates = certificates(bundle.material());
    X509Certificate leaf = certificates.get(0);
    VerifyingKey key = VerifyingKey.of(leaf.getPublicKey()).orElseThrow(() -> unsupportedKey(leaf));
    Envelope envelope = bundle.envelope();
    if (key.verifies(SignedMessage.of(envelope.pae()), envelope.signature())) {
      return new SignedChain(bundle, certificates, false);
    }
    Optional<SignedMessage> legacy = SignedMessage.ofRelease020(envelope);
    if (legacy.isPresent() && key.verifies(legacy.get(), envelope.signature())) {
      return new SignedChain(bundle, certificates, true);
    }
    throw badSignature(leaf);
  }

  static VerificationException badSignature(X509Certificate leaf) {
    return new VerificationException(
        VerificationException.Kind.BAD_SIGNATURE,
        CertifiedSigner.claimed(leaf),
        "The signature is not the one of the bundle's own certificate: the bundle was changed after"
            + " it was signed, or is a forgery. Fetch it from its producer again.");
  }

  static VerificationException unsupportedKey(X509Certificate leaf) {
    return new VerificationException(
        VerificationException.Kind.UNSUPPORTED_KEY,
        CertifiedSigner.claimed(leaf),
        "The signer's certificate has a key of the algorithm %s, which cannot sign models. Have"
            + " the model signed with an EC key on P-256, P-384 or P-521, with RSA of 2048 to 4096"
            + " bits, or with Ed25519.",
        EcCurve.nameIn(leaf.getPublicKey().getEncoded())
            .filter(curve -> EcCurve.named(curve).isEmpty())
            .map(curve -> "EC on " + curve)
            .orElse(leaf.getPublicKey().getAlgorithm()));
  }

  /** Returns the signer's certificate. */
  X509Certificate leaf() {
    return certificates.get(0);
  }

  /** Returns the certificates that came with the signer's, in the bundle's order. */
  List<X509Certificate> others() {
    return certificates.subList(1, certificates.size());
  }

  /**
   * Reads the statement, which must be done only once the signer is known to be trusted.
   *
   * @param signer what the check of the signer's certificate came to
   */
  VerifiedBundle verified(CertifiedSigner signer, OmsBounds bounds) throws OmsException {
    byte[] payload = bundle.envelope().payload();
    Manifest manifest =
        legacy ? LegacyStatement.read(payload, bounds) : Statement.read(payload, bounds);
    return new VerifiedBundle(
        manifest,
        payload,
        SignatureMethod.CERTIFICATE,
        CertificateDigest.of(leaf()),
        Optional.of(signer));
  }

  private static List<X509Certificate> certificates(VerificationMaterial material)
      throws OmsException, VerificationException {
    if (!(material instanceof VerificationMaterial.CertificateChain chain)) {
      throw VerificationException.ofMethod(material.method(), "a certificate");
    }
    List<X509Certificate> certificates = new ArrayList<>();
    for (byte[] der : chain.der()) {
      try {
        certificates.add(CertificateDecoder.decode(der));
      } catch (CertificateException e) {
        throw new OmsException(
            OmsException.Kind.MALFORMED,
            "Certificate %d of the bundle's chain cannot be read: %s.",
            certificates.size() + 1,
            e.getMessage());
      }
    }
    return List.copyOf(certificates);
  }
}
