package dev.countersign.trust;

import dev.countersign.keys.EcCurve;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Principal;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.jspecify.annotations.Nullable;

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

  private static void requireBounded(PublicKey key) throws InvalidKeyException {
    Optional<String> cost = AlgorithmRules.costOfKey(key);
    if (cost.isPresent()) {
      throw new InvalidKeyException(cost.get());
    }
  }

  /** As {@link X509Certificate#verify(PublicKey)}. */
  static void verify(X509Certificate certificate, PublicKey issuer)
      throws GeneralSecurityException {
    requireBounded(issuer);
    if (isOther(issuer)) {
      certificate.verify(issuer, PROVIDER);
    } else {
      certificate.verify(issuer);
    }
  }

  /** As {@link X509CRL#verify(PublicKey)}. */
  static void verify(X509CRL list, PublicKey issuer) throws GeneralSecurityException {
    requireBounded(issuer);
    if (isOther(issuer)) {
      list.verify(issuer, PROVIDER);
    } else {
      list.verify(issuer);
    }
  }

  /**
   * Returns a builder of verifiers for signatures of a key. Those of ECDSA are Bouncy Castle's on
   * all curves: it verifies 5 to 14 times as fast as the JDK, whose constant time no public number
   * needs.
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
    return key instanceof ECPublicKey ? verifiers.setProvider(PROVIDER) : verifiers;
  }

  /** Returns a path that the JDK's validator can check, whatever curves its issuers are on. */
  static List<X509Certificate> checkable(List<X509Certificate> path, X509Certificate anchor) {
    boolean needed =
        isOther(anchor.getPublicKey())
            || path.stream().skip(1).anyMatch(issuer -> isOther(issuer.getPublicKey()));
    return needed ? path.stream().<X509Certificate>map(CheckedCertificate::new).toList() : path;
  }

  /** Returns the certificate that a path has. */
  static X509Certificate original(Certificate ofPath) {
    return ofPath instanceof CheckedCertificate checked
        ? checked.original
        : (X509Certificate) ofPath;
  }

  /** Returns the algorithm of a certificate's key, with the curve if it is one of EC. */
  static String algorithm(X509Certificate certificate) {
    PublicKey key = certificate.getPublicKey();
    return EcCurve.nameIn(key.getEncoded()).map(name -> "EC on " + name).orElse(key.getAlgorithm());
  }

  /**
   * Certificate of a path that verifies itself as {@link OtherCurves} does. The JDK's validator has
   * each certificate verify itself, and is told no provider to do so with.
   */
  private static final class CheckedCertificate extends X509Certificate {

    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // certificates are serialized by their encoding
    private final X509Certificate original;

    CheckedCertificate(X509Certificate original) {
      this.original = original;
    }

    @Override
    public void verify(PublicKey key)
        throws CertificateException, InvalidKeyException, SignatureException {
      try {
        OtherCurves.verify(original, key);
      } catch (CertificateException | InvalidKeyException | SignatureException e) {
        throw e;
      } catch (GeneralSecurityException e) {
        throw new SignatureException(e);
      }
    }

    @Override
    public void verify(PublicKey key, @Nullable String provider)
        throws CertificateException, InvalidKeyException, SignatureException {
      verify(key);
    }

    @Override
    public void checkValidity()
        throws CertificateExpiredException, CertificateNotYetValidException {
      original.checkValidity();
    }

    @Override
    public void checkValidity(Date date)
        throws CertificateExpiredException, CertificateNotYetValidException {
      original.checkValidity(date);
    }

    @Override
    public int getVersion() {
      return original.getVersion();
    }

    @Override
    public BigInteger getSerialNumber() {
      return original.getSerialNumber();
    }

    @Override
    @SuppressWarnings("deprecation") // abstract in the JDK
    public Principal getIssuerDN() {
      return original.getIssuerX500Principal();
    }

    @Override
    @SuppressWarnings("deprecation") // abstract in the JDK
    public Principal getSubjectDN() {
      return original.getSubjectX500Principal();
    }

    @Override
    public Date getNotBefore() {
      return original.getNotBefore();
    }

    @Override
    public Date getNotAfter() {
      return original.getNotAfter();
    }

    @Override
    public byte[] getTBSCertificate() throws CertificateEncodingException {
      return original.getTBSCertificate();
    }

    @Override
    public byte[] getSignature() {
      return original.getSignature();
    }

    @Override
    public String getSigAlgName() {
      return original.getSigAlgName();
    }

    @Override
    public String getSigAlgOID() {
      return original.getSigAlgOID();
    }

    @Override
    public byte[] getSigAlgParams() {
      return original.getSigAlgParams();
    }

    @Override
    public boolean[] getIssuerUniqueID() {
      return original.getIssuerUniqueID();
    }

    @Override
    public boolean[] getSubjectUniqueID() {
      return original.getSubjectUniqueID();
    }

    @Override
    public boolean[] getKeyUsage() {
      return original.getKeyUsage();
    }

    @Override
    public int getBasicConstraints() {
      return original.getBasicConstraints();
    }

    @Override
    public byte[] getEncoded() throws CertificateEncodingException {
      return original.getEncoded();
    }

    @Override
    public String toString() {
      return original.toString();
    }

    @Override
    public PublicKey getPublicKey() {
      return original.getPublicKey();
    }

    @Override
    public boolean hasUnsupportedCriticalExtension() {
      return original.hasUnsupportedCriticalExtension();
    }

    @Override
    public Set<String> getCriticalExtensionOIDs() {
      return original.getCriticalExtensionOIDs();
    }

    @Override
    public Set<String> getNonCriticalExtensionOIDs() {
      return original.getNonCriticalExtensionOIDs();
    }

    @Override
    public byte[] getExtensionValue(String oid) {
      return original.getExtensionValue(oid);
    }
  }
}
