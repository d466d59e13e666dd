package dev.countersign.trust;

import dev.countersign.keys.EcCurve;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OperatorCreationException;

/**
 * Signatures by authorities with keys on curves that the JDK reads and cannot compute on, such as
 * those of Brainpool (RFC 5639). Bouncy Castle checks them. Its provider is never registered: a
 * registered one would outlive the job whose class loader it comes from.
 */
final class OtherCurves {

  private static final Provider PROVIDER = new BouncyCastleProvider();

  private OtherCurves() {}

  /** Returns whether the JDK cannot check signatures of a key. */
  static boolean isOther(PublicKey key) {
    return key instanceof ECPublicKey ec && EcCurve.of(ec).isEmpty();
  }

  /** As {@link X509Certificate#verify(PublicKey)}. */
  static void verify(X509Certificate certificate, PublicKey issuer)
      throws GeneralSecurityException {
    AlgorithmRules.requireBounded(issuer);
    if (isOther(issuer)) {
      certificate.verify(issuer, PROVIDER);
    } else {
      certificate.verify(issuer);
    }
  }

  /** As {@link X509CRL#verify(PublicKey)}. */
  static void verify(X509CRL list, PublicKey issuer) throws GeneralSecurityException {
    AlgorithmRules.requireBounded(issuer);
    if (isOther(issuer)) {
      list.verify(issuer, PROVIDER);
    } else {
      list.verify(issuer);
    }
  }

  /**
   * Returns a builder of verifiers for signatures of a key.
   *
   * @throws OperatorCreationException if a check could take too long
   */
  static JcaSimpleSignerInfoVerifierBuilder verifiers(PublicKey key)
      throws OperatorCreationException {
    Optional<String> cost = AlgorithmRules.costOfKey(key);
    if (cost.isPresent()) {
      throw new OperatorCreationException(cost.get());
    }
    JcaSimpleSignerInfoVerifierBuilder verifiers = new JcaSimpleSignerInfoVerifierBuilder();
    return isOther(key) ? verifiers.setProvider(PROVIDER) : verifiers;
  }

  /** Returns a path that the JDK's validator can check, whatever curves its issuers are on. */
  static List<X509Certificate> checkable(List<X509Certificate> path, X509Certificate anchor) {
    boolean needed =
        isOther(anchor.getPublicKey())
            || path.stream().skip(1).anyMatch(issuer -> isOther(issuer.getPublicKey()));
    return needed ? path.stream().<X509Certificate>map(OtherCurveCertificate::new).toList() : path;
  }

  /** Returns the certificate that a path has. */
  static X509Certificate original(Certificate ofPath) {
    return ofPath instanceof OtherCurveCertificate other
        ? other.original()
        : (X509Certificate) ofPath;
  }

  /** Returns the algorithm of a certificate's key, with the curve if it is one of EC. */
  static String algorithm(X509Certificate certificate) {
    PublicKey key = certificate.getPublicKey();
    return EcCurve.nameIn(key.getEncoded()).map(name -> "EC on " + name).orElse(key.getAlgorithm());
  }
}
