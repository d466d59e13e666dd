package dev.countersign.trust;

import java.io.IOException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraintValidatorException;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.PKIXNameConstraintValidator;
import org.bouncycastle.cert.X509CertificateHolder;

/**
 * The name constraints of trust anchors (RFC 5280, section 4.2.1.10). The JDK holds to those of the
 * certificates below them only.
 */
final class NameLimits {

  private NameLimits() {}

  /** Returns whether a certificate below an anchor may have its names. */
  static boolean allow(X509Certificate anchor, X509Certificate certificate) {
    if (anchor.getExtensionValue(Extension.nameConstraints.getId()) == null) {
      return true;
    }
    try {
      check(
          new X509CertificateHolder(certificate.getEncoded()),
          limits(new X509CertificateHolder(anchor.getEncoded())));
      return true;
    } catch (NameConstraintValidatorException
        | CertificateEncodingException
        | IOException
        | RuntimeException e) {
      // A limit that cannot be read, or a name of a form that it cannot be held to, is not kept.
      return false;
    }
  }

  private static PKIXNameConstraintValidator limits(X509CertificateHolder anchor) {
    NameConstraints constraints =
        NameConstraints.getInstance(
            anchor.getExtension(Extension.nameConstraints).getParsedValue());
    PKIXNameConstraintValidator limits = new PKIXNameConstraintValidator();
    if (constraints.getPermittedSubtrees() != null) {
      limits.intersectPermittedSubtree(constraints.getPermittedSubtrees());
    }
    if (constraints.getExcludedSubtrees() != null) {
      for (GeneralSubtree excluded : constraints.getExcludedSubtrees()) {
        limits.addExcludedSubtree(excluded);
      }
    }
    return limits;
  }

  private static void check(X509CertificateHolder certificate, PKIXNameConstraintValidator limits)
      throws NameConstraintValidatorException {
    X500Name subject = certificate.getSubject();
    if (subject.getRDNs().length > 0) {
      limits.checkPermittedDN(subject);
      limits.checkExcludedDN(subject);
    }
    Optional<GeneralNames> alternatives =
        Optional.ofNullable(certificate.getExtension(Extension.subjectAlternativeName))
            .map(extension -> GeneralNames.getInstance(extension.getParsedValue()));
    if (alternatives.isPresent()) {
      for (GeneralName name : alternatives.get().getNames()) {
        limits.checkPermitted(name);
        limits.checkExcluded(name);
      }
      return;
    }
    for (RDN name : subject.getRDNs()) {
      for (AttributeTypeAndValue attribute : name.getTypesAndValues()) {
        if (attribute.getType().equals(BCStyle.EmailAddress)) {
          // As it is: a form for display escapes a plus sign, which makes it another address.
          String address =
              attribute.getValue() instanceof ASN1String text
                  ? text.getString()
                  : IETFUtils.valueToString(attribute.getValue());
          limits.checkPermittedEmail(address);
          limits.checkExcludedEmail(address);
        }
      }
    }
  }
}
