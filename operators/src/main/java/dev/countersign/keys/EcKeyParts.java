package dev.countersign.keys;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.ECPublicKeySpec;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.math.ec.ECPoint;
import org.jspecify.annotations.Nullable;

/** The public half of EC keys: which curve, and a point on it as a JDK key. */
final class EcKeyParts {

  private EcKeyParts() {}

  /**
   * Returns the curve that the parameters of a key name.
   *
   * <p>Curves that are spelled out instead of named are refused even where they equal a known one:
   * accepting such parameters has led to forged keys, and nothing in use writes them.
   *
   * @param parameters as RFC 5480 has them; null if the key has none
   */
  static EcCurve curve(@Nullable ASN1Encodable parameters, KeySource source)
      throws KeyFormatException {
    if (parameters == null) {
      throw source.refuse(
          "holds an EC key that does not say on which curve it lies",
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
    Optional<EcCurve> curve = EcCurve.of(oid);
    if (curve.isEmpty()) {
      String name = ECNamedCurveTable.getName(oid);
      throw source.refuse(
          "holds an EC key on the curve "
              + (name == null ? oid.getId() : name)
              + ", with which models cannot be signed",
          "Use a key on " + EcCurve.names() + "; generate-key-pair makes one.");
    }
    return curve.get();
  }

  /** Returns a point, which must lie on the curve and be normalized, as a key of the JDK. */
  static PublicKey publicKey(EcCurve curve, ECPoint point) throws GeneralSecurityException {
    java.security.spec.ECPoint affine =
        new java.security.spec.ECPoint(
            point.getAffineXCoord().toBigInteger(), point.getAffineYCoord().toBigInteger());
    return KeyFactory.getInstance("EC")
        .generatePublic(new ECPublicKeySpec(affine, curve.jdkParameters()));
  }
}
