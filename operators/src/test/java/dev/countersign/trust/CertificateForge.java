package dev.countersign.trust;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v1CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jcajce.provider.asymmetric.ec.BCECPrivateKey;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes certificates for tests: proper ones by default, and any rule can be broken. */
public final class CertificateForge {

  /** The time that tests count from; certificates are valid for a year before and after. */
  public static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  /** Alternative names with an address range that the JDK takes until it is asked for the names. */
  public static final GeneralNames UNREADABLE_NAMES =
      new GeneralNames(
          new GeneralName[] {
            new GeneralName(GeneralName.rfc822Name, "signer@example.org"),
            new GeneralName(GeneralName.iPAddress, new DEROctetString(oddMask()))
          });

  static final Provider BOUNCY_CASTLE = new BouncyCastleProvider();
  private static final String PSS = "PSS ";
  private static final Duration YEAR = Duration.ofDays(365);
  private static final AtomicLong SERIALS = new AtomicLong(1000);

  /** RSA keys by size: they take long to make, and no test cares whose they are. */
  private static final Map<Integer, KeyPair> RSA_KEYS = new ConcurrentHashMap<>();

  /** A certificate with its private key. */
  public record Issued(X509Certificate certificate, KeyPair keys) {

    public X500Principal subject() {
      return certificate.getSubjectX500Principal();
    }
  }

  private final X500Principal subject;
  private final Map<ASN1ObjectIdentifier, Extra> extensions = new LinkedHashMap<>();
  private KeyPair keys = ec("secp256r1");
  private Instant notBefore = NOW.minus(YEAR);
  private Instant notAfter = NOW.plus(YEAR);
  private Issued issuer;
  private X500Principal issuerName;
  private String algorithm = "";
  private boolean keyIdentifiers = true;

  private record Extra(boolean critical, ASN1Encodable value) {}

  private CertificateForge(String subject) {
    this.subject = new X500Principal(subject);
  }

  /** Starts a CA's certificate, self-signed unless {@link #signedBy} says otherwise. */
  public static CertificateForge ca(String subject) {
    return new CertificateForge(subject)
        .with(Extension.basicConstraints, true, new BasicConstraints(true))
        .keyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign);
  }

  /** Starts a certificate to sign models with. */
  public static CertificateForge leaf(String subject) {
    return new CertificateForge(subject)
        .keyUsage(KeyUsage.digitalSignature)
        .extendedKeyUsage(false, KeyPurposeId.id_kp_codeSigning);
  }

  /** Starts a certificate to sign timestamps with. */
  public static CertificateForge timestampAuthority(String subject) {
    return new CertificateForge(subject)
        .keyUsage(KeyUsage.digitalSignature)
        .extendedKeyUsage(true, KeyPurposeId.id_kp_timeStamping);
  }

  /** Starts a certificate of a TLS server on a host. */
  public static CertificateForge server(String subject, String host) {
    return new CertificateForge(subject)
        .keyUsage(KeyUsage.digitalSignature)
        .extendedKeyUsage(false, KeyPurposeId.id_kp_serverAuth)
        .with(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(new GeneralName(GeneralName.dNSName, host)));
  }

  public CertificateForge signedBy(Issued by) {
    issuer = by;
    return this;
  }

  /** Sets an issuer's name that need not be that of who signs. */
  public CertificateForge issuerName(String name) {
    issuerName = new X500Principal(name);
    return this;
  }

  public CertificateForge keys(KeyPair given) {
    keys = given;
    return this;
  }

  public CertificateForge validity(Instant from, Instant to) {
    notBefore = from;
    notAfter = to;
    return this;
  }

  /** Sets what the issuer signs with: a JCA name, or "PSS" and the name of a digest. */
  public CertificateForge algorithm(String name) {
    algorithm = name;
    return this;
  }

  public CertificateForge keyUsage(int bits) {
    return with(Extension.keyUsage, true, new KeyUsage(bits));
  }

  public CertificateForge extendedKeyUsage(boolean critical, KeyPurposeId... purposes) {
    return with(Extension.extendedKeyUsage, critical, new ExtendedKeyUsage(purposes));
  }

  public CertificateForge pathLength(int length) {
    return with(Extension.basicConstraints, true, new BasicConstraints(length));
  }

  public CertificateForge with(
      ASN1ObjectIdentifier extension, boolean critical, ASN1Encodable value) {
    extensions.put(extension, new Extra(critical, value));
    return this;
  }

  public CertificateForge without(ASN1ObjectIdentifier extension) {
    extensions.remove(extension);
    return this;
  }

  public CertificateForge withoutKeyIdentifiers() {
    keyIdentifiers = false;
    return this;
  }

  public Issued issue() {
    try {
      return new Issued(certificate(), keys);
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Issues a certificate of version 1, which has no extensions. */
  public Issued issueVersion1() {
    try {
      return new Issued(
          new JcaX509CertificateConverter()
              .getCertificate(
                  new JcaX509v1CertificateBuilder(
                          subject,
                          serial(),
                          date(notBefore),
                          date(notAfter),
                          subject,
                          keys.getPublic())
                      .build(signer())),
          keys);
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  public static KeyPair ec(String curve) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(curve));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns a key on a curve that the JDK cannot compute on. */
  static KeyPair otherCurve(String curve) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", BOUNCY_CASTLE);
      generator.initialize(new ECGenParameterSpec(curve));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public static KeyPair ed25519() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns an RSA key, the same one for each size. */
  public static KeyPair rsa(int bits) {
    return RSA_KEYS.computeIfAbsent(
        bits,
        size -> {
          try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(size);
            return generator.generateKeyPair();
          } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  /** Returns the JCA name of a sound algorithm to sign with such a key. */
  static String algorithmOf(KeyPair keys) {
    return switch (keys.getPublic().getAlgorithm()) {
      case "EC" -> "SHA256withECDSA";
      case "RSA" -> "SHA256withRSA";
      default -> "Ed25519";
    };
  }

  private X509Certificate certificate()
      throws GeneralSecurityException, IOException, OperatorCreationException {
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            issuerPrincipal(),
            serial(),
            date(notBefore),
            date(notAfter),
            subject,
            keys.getPublic());
    for (Map.Entry<ASN1ObjectIdentifier, Extra> extension : extensions.entrySet()) {
      builder.addExtension(
          extension.getKey(), extension.getValue().critical(), extension.getValue().value());
    }
    if (keyIdentifiers) {
      JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
      builder.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          identifiers.createSubjectKeyIdentifier(keys.getPublic()));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          identifiers.createAuthorityKeyIdentifier(signingKeys().getPublic()));
    }
    return new JcaX509CertificateConverter().getCertificate(builder.build(signer()));
  }

  private ContentSigner signer() throws OperatorCreationException {
    if (algorithm.startsWith(PSS)) {
      return new PssSigner(algorithm.substring(PSS.length()), signingKeys().getPrivate());
    }
    String name = algorithm.isEmpty() ? algorithmOf(signingKeys()) : algorithm;
    return signer(name, signingKeys().getPrivate());
  }

  /** Returns a signer with a key of the JDK's or Bouncy Castle's. */
  static ContentSigner signer(String algorithm, PrivateKey key) throws OperatorCreationException {
    JcaContentSignerBuilder builder = new JcaContentSignerBuilder(algorithm);
    return (key instanceof BCECPrivateKey ? builder.setProvider(BOUNCY_CASTLE) : builder)
        .build(key);
  }

  private KeyPair signingKeys() {
    return issuer == null ? keys : issuer.keys();
  }

  private X500Principal issuerPrincipal() {
    if (issuerName != null) {
      return issuerName;
    }
    return issuer == null ? subject : issuer.subject();
  }

  /** Returns an IPv6 address and a mask whose ones do not come first. */
  private static byte[] oddMask() {
    byte[] range = new byte[32];
    range[16] = (byte) 0xff;
    range[18] = (byte) 0xff;
    return range;
  }

  private static BigInteger serial() {
    return BigInteger.valueOf(SERIALS.incrementAndGet());
  }

  private static Date date(Instant instant) {
    return Date.from(instant);
  }
}
