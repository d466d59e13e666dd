package dev.countersign.signing;

import dev.countersign.keys.Certificates;
import dev.countersign.oms.VerificationMaterial;
import dev.countersign.remedy.Remedy;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;

/**
 * Key that is made for one short-lived certificate. It is kept in memory only, and goes when nobody
 * refers to this object any more.
 */
public final class EphemeralKey {

  /** Its counterpart in certificates, and in what logs are told, is {@code ecdsa-with-SHA256}. */
  private static final String ALGORITHM = "SHA256withECDSA";

  private final KeyPair pair;

  private EphemeralKey(KeyPair pair) {
    this.pair = pair;
  }

  /** Makes a new key on P-256, the curve that every client of Sigstore supports. */
  public static EphemeralKey generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return new EphemeralKey(generator.generateKeyPair());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This JVM has no P-256", e);
    }
  }

  /** Returns the public key. */
  public PublicKey publicKey() {
    return pair.getPublic();
  }

  /**
   * Returns a request for a certificate (PKCS#10) in DER, which proves possession of the key. It
   * names nobody: who signs is said by the identity token.
   */
  public byte[] request() {
    try {
      return new PKCS10CertificationRequestBuilder(
              new X500Name("CN=countersign"),
              SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()))
          .build(new JcaContentSignerBuilder(ALGORITHM).build(pair.getPrivate()))
          .getEncoded();
    } catch (OperatorCreationException | IOException e) {
      throw new IllegalStateException("A certificate request cannot be made", e);
    }
  }

  /**
   * Returns the signatory with this key.
   *
   * @param identity whom the certificate is for, as results name it
   */
  public Certified certified(X509Certificate certificate, String identity) {
    return new Certified(pair.getPrivate(), certificate, identity);
  }

  /** Key with its certificate. Thread safe. */
  public static final class Certified implements Signatory {

    private final PrivateKey key;
    private final X509Certificate certificate;
    private final String identity;

    private Certified(PrivateKey key, X509Certificate certificate, String identity) {
      this.key = key;
      this.certificate = certificate;
      this.identity = identity;
    }

    /**
     * Returns a signature.
     *
     * @param pae the message, the pre-authentication encoding of an envelope; not changed
     * @throws SigningException if this JVM cannot sign
     */
    public byte[] sign(byte[] pae) throws SigningException {
      try {
        Signature signature = Signature.getInstance(ALGORITHM);
        signature.initSign(key);
        signature.update(pae);
        return signature.sign();
      } catch (GeneralSecurityException e) {
        throw new SigningException("This JVM cannot sign with " + ALGORITHM + ".", Remedy.NONE, e);
      }
    }

    @Override
    public VerificationMaterial material() {
      return new VerificationMaterial.SigstoreCertificate(Certificates.encoded(certificate));
    }

    @Override
    public String identity() {
      return identity;
    }

    @Override
    public Optional<X509Certificate> certificate() {
      return Optional.of(certificate);
    }

    /** Returns whom the certificate is for, and nothing of the private key. */
    @Override
    public String toString() {
      return "EphemeralKey.Certified[" + identity + "]";
    }
  }
}
