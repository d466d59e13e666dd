package dev.countersign.signing;

import dev.countersign.keys.Certificates;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.KeyMaterial;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.VerificationMaterial;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.CertificateDigest;
import dev.countersign.verification.OwnCertificateSettings;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * Signs with a private key that was read from a local file, and puts the certificates of its public
 * key into bundles (method certificate).
 */
public final class CertificateSigner implements Signer {

  private final SigningKey key;

  /** The key's own certificate, then those above it. */
  private final List<X509Certificate> chain;

  private CertificateSigner(KeyMaterial certified) {
    this.chain = certified.certificates();
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
        SigningKey.load(settings)
            .certified(settings.own(), settings.chain(), settings.privateKeyPath()));
  }

  @Override
  public byte[] sign(byte[] pae) throws SigningException {
    return key.sign(pae);
  }

  @Override
  public VerificationMaterial material() {
    return new VerificationMaterial.CertificateChain(
        chain.stream().map(Certificates::encoded).toList());
  }

  @Override
  public String identity() {
    return CertificateDigest.of(chain.get(0));
  }

  @Override
  public Optional<X509Certificate> certificate() {
    return Optional.of(chain.get(0));
  }

  /** Returns how many certificates go into each bundle. */
  public int chainLength() {
    return chain.size();
  }

  @Override
  public BundleVerifier ownVerifier(OmsBounds bounds) {
    return new OwnCertificateSettings(Certificates.encoded(chain.get(0))).verifier(bounds);
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
