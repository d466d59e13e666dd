package dev.countersign.keys;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.interfaces.ECKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;

/**
 * An elliptic curve that a model may be signed on (OMS algorithm registry), with the digest that
 * goes with it.
 */
@SuppressWarnings("ImmutableEnumChecker") // the types of the fields are immutable, if not so marked
public enum EcCurve {
  P256("P-256", "secp256r1", SECObjectIdentifiers.secp256r1, "SHA-256"),
  P384("P-384", "secp384r1", SECObjectIdentifiers.secp384r1, "SHA-384"),
  P521("P-521", "secp521r1", SECObjectIdentifiers.secp521r1, "SHA-512");

  private final String nistName;
  private final ASN1ObjectIdentifier oid;
  private final String digestAlgorithm;
  private final ECParameterSpec jdkParameters;
  private final ECNamedDomainParameters domain;

  EcCurve(String nistName, String secName, ASN1ObjectIdentifier oid, String digestAlgorithm) {
    this.nistName = nistName;
    this.oid = oid;
    this.digestAlgorithm = digestAlgorithm;
    this.jdkParameters = jdkParameters(secName);
    this.domain = new ECNamedDomainParameters(oid, CustomNamedCurves.getByOID(oid));
  }

  /** Returns the curve of that NIST name, such as {@code P-256}; empty if there is none. */
  public static Optional<EcCurve> named(String nistName) {
    return Arrays.stream(values()).filter(curve -> curve.nistName.equals(nistName)).findFirst();
  }

  /** Returns the curve that a key lies on; empty if it is none of these. */
  public static Optional<EcCurve> of(ECKey key) {
    return Arrays.stream(values()).filter(curve -> curve.holds(key.getParams())).findFirst();
  }

  static Optional<EcCurve> of(ASN1ObjectIdentifier oid) {
    return Arrays.stream(values()).filter(curve -> curve.oid.equals(oid)).findFirst();
  }

  /**
   * Returns how to name the curve of any EC key; empty if it is not an EC key.
   *
   * @param subjectPublicKeyInfo the key as it is in a certificate (RFC 5480)
   */
  public static Optional<String> nameIn(byte[] subjectPublicKeyInfo) {
    try {
      AlgorithmIdentifier algorithm =
          SubjectPublicKeyInfo.getInstance(subjectPublicKeyInfo).getAlgorithm();
      if (!algorithm.getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey)) {
        return Optional.empty();
      }
      if (!(algorithm.getParameters() instanceof ASN1ObjectIdentifier curve)) {
        return Optional.of("a curve that its own parameters describe");
      }
      return of(curve)
          .map(EcCurve::nistName)
          .or(() -> Optional.ofNullable(ECNamedCurveTable.getName(curve)))
          .or(() -> Optional.of("the curve " + curve.getId()));
    } catch (RuntimeException e) {
      return Optional.empty();
    }
  }

  /** Returns the names of all curves, for a message. */
  static String names() {
    return Arrays.stream(values()).map(EcCurve::nistName).collect(Collectors.joining(", "));
  }

  /** Returns the NIST name, such as {@code P-256}. */
  public String nistName() {
    return nistName;
  }

  /** Returns the JCA name of the digest that ECDSA takes on this curve, such as {@code SHA-256}. */
  public String digestAlgorithm() {
    return digestAlgorithm;
  }

  /** Returns the JCA name of ECDSA with this curve's digest, such as {@code SHA256withECDSA}. */
  public String signatureAlgorithm() {
    return digestAlgorithm.replace("-", "") + "withECDSA";
  }

  /** Returns the curve for Bouncy Castle's arithmetic. */
  public ECNamedDomainParameters domain() {
    return domain;
  }

  ASN1ObjectIdentifier oid() {
    return oid;
  }

  ECParameterSpec jdkParameters() {
    return jdkParameters;
  }

  private boolean holds(ECParameterSpec other) {
    return jdkParameters.getCurve().equals(other.getCurve())
        && jdkParameters.getGenerator().equals(other.getGenerator())
        && jdkParameters.getOrder().equals(other.getOrder())
        && jdkParameters.getCofactor() == other.getCofactor();
  }

  private static ECParameterSpec jdkParameters(String secName) {
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec(secName));
      return parameters.getParameterSpec(ECParameterSpec.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This JVM has no curve " + secName, e);
    }
  }
}
