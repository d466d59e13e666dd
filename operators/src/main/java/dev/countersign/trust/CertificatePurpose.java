package dev.countersign.trust;

import dev.countersign.trust.ChainException.Kind;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;

/** What a certificate is to be good for. */
public enum CertificatePurpose {
  /**
   * Signing models: KeyUsage has digitalSignature, or ExtendedKeyUsage has codeSigning. One of them
   * will do, since certificates in use have but one; anyExtendedKeyUsage is none of them.
   */
  MODEL_SIGNING("--certificate-chain") {
    @Override
    boolean allows(X509Certificate leaf) throws CertificateParsingException {
      boolean[] keyUsage = leaf.getKeyUsage();
      return (keyUsage != null && keyUsage[DIGITAL_SIGNATURE])
          || extendedKeyUsage(leaf).contains(CODE_SIGNING_USAGE);
    }

    @Override
    String rule() {
      return "is not for signing models: neither its key usage has digitalSignature nor its"
          + " extended key usage codeSigning. Sign with a certificate that has one of them";
    }
  },
  /**
   * Signing models, under authorities that sign for anybody: ExtendedKeyUsage has codeSigning.
   * Otherwise whoever has a web server would be a signer.
   */
  CODE_SIGNING("--certificate-chain") {
    @Override
    boolean allows(X509Certificate leaf) throws CertificateParsingException {
      return extendedKeyUsage(leaf).contains(CODE_SIGNING_USAGE);
    }

    @Override
    String rule() {
      return "is not for signing code, which its extended key usage must say where the JDK's trust"
          + " store is what counts. Name the authority with --certificate-chain if this signer is"
          + " to be trusted";
    }
  },
  /** Signing timestamps: ExtendedKeyUsage is critical and has timeStamping (RFC 3161, 2.3). */
  TIMESTAMPING("--tsa-certificate-chain") {
    @Override
    boolean allows(X509Certificate leaf) throws CertificateParsingException {
      return extendedKeyUsage(leaf).equals(List.of(TIME_STAMPING))
          && leaf.getCriticalExtensionOIDs().contains(EXTENDED_KEY_USAGE);
    }

    @Override
    String rule() {
      return "is not for signing timestamps: its extended key usage must be critical, and"
          + " timeStamping alone. Use another timestamp authority";
    }
  };

  private static final int DIGITAL_SIGNATURE = 0;
  private static final String EXTENDED_KEY_USAGE = "2.5.29.37";
  private static final String CODE_SIGNING_USAGE = "1.3.6.1.5.5.7.3.3";
  private static final String TIME_STAMPING = "1.3.6.1.5.5.7.3.8";

  private final String flag;

  CertificatePurpose(String flag) {
    this.flag = flag;
  }

  abstract boolean allows(X509Certificate leaf) throws CertificateParsingException;

  /** Returns the rule as the rest of a sentence about a certificate, and a remedy. */
  abstract String rule();

  /** Returns the option of the command line that names the trust anchors. */
  String flag() {
    return flag;
  }

  /** Checks that a leaf may be used so. */
  void check(X509Certificate leaf) throws ChainException {
    boolean allowed;
    try {
      allowed = allows(leaf);
    } catch (CertificateParsingException e) {
      allowed = false;
    }
    if (!allowed) {
      throw new ChainException(
          Kind.UNSUITABLE, "The certificate " + CertificateName.of(leaf) + " " + rule() + ".");
    }
  }

  private static List<String> extendedKeyUsage(X509Certificate leaf)
      throws CertificateParsingException {
    List<String> usages = leaf.getExtendedKeyUsage();
    return usages == null ? List.of() : usages;
  }
}
