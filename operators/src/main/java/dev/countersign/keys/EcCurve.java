package dev.countersign.keys;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;
import org.bouncycastle.math.ec.ECPoint;
import org.jspecify.annotations.Nullable;

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

  private static Optional<EcCurve> of(ASN1ObjectIdentifier oid) {
    return Arrays.stream(values()).filter(curve -> curve.oid.equals(oid)).findFirst();
  }

  /**
   * Returns the curve that the parameters of a key name.
   *
   * <p>Curves that are spelled out instead of named are refused even where they equal a known one:
   * accepting such parameters has led to forged keys, and nothing in use writes them.
   *
   * @param parameters as RFC 5480 has them; null if the key has none
   */
  static EcCurve of(@Nullable ASN1Encodable parameters, KeySource source)
      throws KeyFormatException {
    if (parameters == null) {
      throw source.refuse(
          "holds an EC key that does not name its curve",
          "Write it again with its curve, or make another key with generate-key-pair.");
    }
    if (!(parameters instanceof ASN1ObjectIdentifier oid)) {
      throw source.refuse(
          "holds an EC key whose curve is spelled out instead of named",
          "Convert it with: "
              + (source.role() == KeySource.Role.PUBLIC_KEY
                  ? ShellCommand.NAMED_CURVE_OF_PUBLIC
                  : ShellCommand.NAMED_CURVE));
    }
    return of(oid)
        .orElseThrow(
            () ->
                source.refuse(
                    "holds an EC key on the curve "
                        + Objects.requireNonNullElse(ECNamedCurveTable.getName(oid), oid.getId())
                        + ", with which models cannot be signed",
                    "Use a key on " + names() + "; generate-key-pair makes one."));
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

  /** Returns a point, which must lie on the curve and be normalized, as a key of the JDK. */
  PublicKey publicKey(ECPoint point) throws GeneralSecurityException {
    java.security.spec.ECPoint affine =
        new java.security.spec.ECPoint(
            point.getAffineXCoord().toBigInteger(), point.getAffineYCoord().toBigInteger());
    return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(affine, jdkParameters));
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
