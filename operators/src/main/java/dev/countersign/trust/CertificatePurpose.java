package dev.countersign.trust;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.trust.ChainException.Kind;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What a certificate is to be good for. An extended key usage that is present must allow it, on the
 * leaf and on every CA below the anchor.
 */
public enum CertificatePurpose {
  /**
   * Signing models: KeyUsage has digitalSignature, or ExtendedKeyUsage has codeSigning. One of them
   * will do, since certificates in use have but one; anyExtendedKeyUsage is none of them.
   */
  MODEL_SIGNING(Setting.CERTIFICATE_CHAIN, "codeSigning", "1.3.6.1.5.5.7.3.3") {
    @Override
    void check(X509Certificate leaf) throws ChainException {
      if (!allowsExtended(leaf)) {
        throw unsuitable(
            leaf,
            "is not for signing models: its extended key usage has neither codeSigning nor"
                + " anyExtendedKeyUsage.",
            Remedy.text(
                "Sign with a certificate whose extended key usage has codeSigning, or with one that"
                    + " has no extended key usage."));
      }
      boolean[] keyUsage = leaf.getKeyUsage();
      if ((keyUsage == null || !keyUsage[DIGITAL_SIGNATURE]) && !isStated(leaf)) {
        throw unsuitable(
            leaf,
            "is not for signing models: neither its key usage has digitalSignature nor its"
                + " extended key usage codeSigning.",
            Remedy.text("Sign with a certificate that has one of them."));
      }
    }
  },
  /**
   * Signing models, under authorities that sign for anybody: ExtendedKeyUsage has codeSigning.
   * Otherwise whoever has a web server would be a signer.
   */
  CODE_SIGNING(Setting.CERTIFICATE_CHAIN, "codeSigning", "1.3.6.1.5.5.7.3.3") {
    @Override
    void check(X509Certificate leaf) throws ChainException {
      if (!isStated(leaf)) {
        throw unsuitable(
            leaf,
            "is not for signing code, which its extended key usage must say where the JDK's trust"
                + " store is what counts.",
            Remedy.of(
                "Name the authority with %s if this signer is to be trusted.",
                Setting.CERTIFICATE_CHAIN));
      }
    }
  },
  /** Signing timestamps: ExtendedKeyUsage is critical and timeStamping alone (RFC 3161, 2.3). */
  TIMESTAMPING(Setting.TSA_CERTIFICATE_CHAIN, "timeStamping", "1.3.6.1.5.5.7.3.8") {
    @Override
    void check(X509Certificate leaf) throws ChainException {
      if (!isStated(leaf)
          || extendedKeyUsage(leaf).size() != 1
          || !leaf.getCriticalExtensionOIDs().contains(EXTENDED_KEY_USAGE)) {
        throw unsuitable(
            leaf,
            "is not for signing timestamps: its extended key usage must be critical, and"
                + " timeStamping alone.",
            TimestampVerifier.ANOTHER_AUTHORITY);
      }
    }
  };

  private static final int DIGITAL_SIGNATURE = 0;
  private static final String EXTENDED_KEY_USAGE = "2.5.29.37";
  private static final String ANY_USAGE = "2.5.29.37.0";

  private final Setting anchors;
  private final String usage;
  private final String usageOid;

  CertificatePurpose(Setting anchors, String usage, String usageOid) {
    this.anchors = anchors;
    this.usage = usage;
    this.usageOid = usageOid;
  }

  /** Checks that a leaf may be used so. */
  abstract void check(X509Certificate leaf) throws ChainException;

  /** Returns the setting that names the trust anchors. */
  Setting anchors() {
    return anchors;
  }

  private static ChainException unsuitable(
      X509Certificate certificate, String problem, Remedy remedy) {
    return new ChainException(
        Kind.UNSUITABLE,
        "The certificate " + CertificateName.of(certificate) + " " + problem,
        remedy);
  }

  /** Checks that a CA below the anchor may issue certificates for this. */
  void checkIssuer(X509Certificate issuer) throws ChainException {
    if (!allowsExtended(issuer)) {
      throw unsuitable(
          issuer,
          "issued another certificate, and its extended key usage has neither "
              + usage
              + " nor anyExtendedKeyUsage.",
          Remedy.of(
              "Have its issuer put that right, or name this certificate itself with %s if it is to"
                  + " be trusted.",
              anchors));
    }
  }

  /** Returns whether there is no extended key usage, or one that allows this. */
  boolean allowsExtended(X509Certificate certificate) {
    List<String> usages = extendedKeyUsage(certificate);
    return certificate.getExtensionValue(EXTENDED_KEY_USAGE) == null
        || usages.contains(usageOid)
        || usages.contains(ANY_USAGE);
  }

  /** Returns whether the extended key usage names this. */
  boolean isStated(X509Certificate certificate) {
    return extendedKeyUsage(certificate).contains(usageOid);
  }

  /** Returns the extended key usages; none if there are none or they cannot be read. */
  private static List<String> extendedKeyUsage(X509Certificate certificate) {
    try {
      List<String> usages = certificate.getExtendedKeyUsage();
      return usages == null ? List.of() : usages;
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }
}
