package dev.countersign.trust;

import dev.countersign.remedy.Remedy;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.jspecify.annotations.Nullable;

/** One revocation list, and the result of checking it under each issuer. Thread safe. */
final class RevocationList {

  static final Remedy FETCH_FRESH = Remedy.text("Fetch a fresh one from its issuer.");

  /** The position of the bit in KeyUsage (RFC 5280, section 4.2.1.3). */
  private static final int CRL_SIGN = 6;

  /** Far more keys of one name than there are. */
  private static final int MAX_KEYS = 256;

  private final X509CRL crl;
  private final String source;

  /** Whether the key signed the list, which may take long to check: lists are up to 64 MiB. */
  private final Map<PublicKey, Boolean> signedBy = new ConcurrentHashMap<>();

  /**
   * A list.
   *
   * @param source how messages name its file
   */
  RevocationList(X509CRL crl, String source) {
    this.crl = crl;
    this.source = source;
  }

  X509CRL crl() {
    return crl;
  }

  String source() {
    return source;
  }

  /** Returns whether the list names the issuer of a certificate as its own. */
  boolean isOfIssuer(X509Certificate certificate) {
    return isIssuer(certificate.getIssuerX500Principal());
  }

  /** Returns whether the list names a certificate's subject as its issuer. */
  boolean isInTheNameOf(X509Certificate issuer) {
    return isIssuer(issuer.getSubjectX500Principal());
  }

  /** The JDK takes one text in two string types for two names, which would hide a list. */
  private boolean isIssuer(X500Principal name) {
    X500Principal issuer = crl.getIssuerX500Principal();
    try {
      return issuer.equals(name)
          || X500Name.getInstance(issuer.getEncoded())
              .equals(X500Name.getInstance(name.getEncoded()));
    } catch (RuntimeException e) {
      return false; // One of them is no name at all.
    }
  }

  /**
   * Returns why an issuer's certificate does not vouch for the list, as the rest of a sentence
   * about the list; empty if it does.
   */
  Optional<String> fault(X509Certificate issuer) {
    boolean[] keyUsage = issuer.getKeyUsage();
    if (keyUsage != null && !keyUsage[CRL_SIGN]) {
      return Optional.of(
          "names "
              + CertificateName.of(issuer)
              + " as its issuer, whose key usage lacks cRLSign, so that it must not sign lists");
    }
    return isSignedBy(issuer.getPublicKey())
        ? Optional.empty()
        : Optional.of(
            "is not signed with the key of "
                + CertificateName.of(issuer)
                + ", which it names as its issuer");
  }

  private boolean isSignedBy(PublicKey key) {
    Boolean known = signedBy.get(key);
    if (known != null) {
      return known;
    }
    boolean signed = verifies(key);
    if (signedBy.size() < MAX_KEYS) {
      signedBy.put(key, signed);
    }
    return signed;
  }

  private boolean verifies(PublicKey key) {
    try {
      OtherCurves.verify(crl, key);
      return true;
    } catch (GeneralSecurityException | RuntimeException e) {
      return false;
    }
  }

  /** Returns whether the list says that another key signed it than that of a certificate. */
  boolean namesAnotherKeyThan(X509Certificate issuer) {
    byte[] ofList = crl.getExtensionValue(Extension.authorityKeyIdentifier.getId());
    byte[] ofIssuer = issuer.getExtensionValue(Extension.subjectKeyIdentifier.getId());
    if (ofList == null || ofIssuer == null) {
      return false;
    }
    try {
      byte @Nullable [] named =
          AuthorityKeyIdentifier.getInstance(ASN1OctetString.getInstance(ofList).getOctets())
              .getKeyIdentifierOctets();
      byte[] own =
          SubjectKeyIdentifier.getInstance(ASN1OctetString.getInstance(ofIssuer).getOctets())
              .getKeyIdentifier();
      return named != null && !Arrays.equals(named, own);
    } catch (RuntimeException e) {
      return false; // One of them says nothing.
    }
  }

  /**
   * Returns why the list cannot be relied on at a time, as the rest of a sentence about it; empty
   * if it is up to date.
   */
  Optional<String> staleness(Instant now) {
    Date nextUpdate = crl.getNextUpdate();
    if (nextUpdate == null) {
      return Optional.of("does not say until when it is valid");
    }
    return nextUpdate.toInstant().isBefore(now)
        ? Optional.of("is out of date: a newer one was due by " + nextUpdate.toInstant())
        : Optional.empty();
  }
}
