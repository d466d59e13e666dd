package dev.countersign.signing;

import dev.countersign.keys.CertifiedKey;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.VerificationMaterial;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.CertificateDigest;
import dev.countersign.verification.OwnCertificateSettings;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * Signs with a private key that was read from a local file, and puts the certificates of its public
 * key into bundles (method certificate).
 */
public final class CertificateSigner implements Signer {

  private final SigningKey key;
  private final CertifiedKey certified;

  private CertificateSigner(CertifiedKey certified) {
    this.certified = certified;
    this.key = SigningKey.of(certified.pair());
  }

  /**
   * Loads the key and its passphrase on this machine.
   *
   * @throws KeyFormatException if one of them cannot be read, the key cannot sign models, or the
   *     first certificate is not the key's
   */
  public static CertificateSigner load(CertificateSigningSettings settings)
      throws KeyFormatException {
    return new CertificateSigner(
        CertifiedKey.of(
            SigningKey.load(settings),
            settings.own(),
            settings.chain(),
            settings.privateKeyPath()));
  }

  @Override
  public byte[] sign(byte[] pae) throws SigningException {
    return key.sign(pae);
  }

  @Override
  public VerificationMaterial material() {
    return new VerificationMaterial.CertificateChain(certified.encoded());
  }

  @Override
  public String identity() {
    return CertificateDigest.of(certified.certificate());
  }

  @Override
  public Optional<X509Certificate> certificate() {
    return Optional.of(certified.certificate());
  }

  /** Returns how many certificates go into each bundle. */
  public int chainLength() {
    return certified.encoded().size();
  }

  @Override
  public BundleVerifier ownVerifier(OmsBounds bounds) {
    return new OwnCertificateSettings(certified.encoded().get(0)).verifier(bounds);
  }

  /** Does nothing: the JDK's keys cannot be wiped, and go when this object goes. */
  @Override
  public void close() {}

  /** Returns the fingerprint of the certificate, and nothing of the private key. */
  @Override
  public String toString() {
    return "CertificateSigner[" + identity() + "]";
  }
}
