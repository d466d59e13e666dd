package dev.countersign.signing;

import dev.countersign.keys.Certificates;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.KeyMaterial;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.VerificationMaterial;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.CertificateDigest;
import dev.countersign.verification.OwnCertificateSettings;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * Signs with a private key, and puts the certificates of its public key into bundles (method
 * certificate).
 */
public final class CertificateSigner implements Signer {

  private final SigningKey key;

  /** The key's own certificate, then those above it. */
  private final List<X509Certificate> chain;

  private CertificateSigner(SigningKey key, List<X509Certificate> chain) {
    this.key = key;
    this.chain = chain;
  }

  /**
   * Loads the key and its passphrase, or opens its token, on this machine.
   *
   * @throws KeyFormatException if one of them cannot be read, the key cannot sign models, or the
   *     first certificate is not the key's
   * @throws SigningException if the token cannot be used
   */
  public static CertificateSigner load(CertificateSigningSettings settings)
      throws KeyFormatException, SigningException {
    if (settings.key() instanceof TokenKeyPlace token) {
      return open(token, settings);
    }
    KeyFilePlace file = (KeyFilePlace) settings.key();
    KeyMaterial certified =
        LoadedKey.load(file).certified(settings.own(), settings.chain(), file.path());
    return new CertificateSigner(LoadedKey.of(certified.pair()), certified.certificates());
  }

  private static CertificateSigner open(TokenKeyPlace place, CertificateSigningSettings settings)
      throws KeyFormatException, SigningException {
    Optional<PublicKey> certified =
        Certificates.ofTaken(settings.own()).stream()
            .findFirst()
            .map(X509Certificate::getPublicKey);
    SigningKey key = TokenSigningKey.open(place, certified);
    boolean certifies = false;
    try {
      List<X509Certificate> chain =
          new KeyMaterial(new KeyPair(key.publicKey(), null), List.of())
              .certified(settings.own(), settings.chain(), place.name())
              .certificates();
      certifies = true;
      return new CertificateSigner(key, chain);
    } finally {
      if (!certifies) {
        key.close();
      }
    }
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

  @Override
  public void close() {
    key.close();
  }

  /** Returns the fingerprint of the certificate, and nothing of the private key. */
  @Override
  public String toString() {
    return "CertificateSigner[" + identity() + "]";
  }
}
