package dev.countersign.trust;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Printable;
import dev.countersign.trust.ChainException.Kind;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.PKIXReason;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.security.auth.x500.X500Principal;

/**
 * Words for what is wrong with a chain.
 *
 * @param anchors the setting that names the trust anchors
 * @param outOfTimeRemedy for a certificate that is out of its validity
 * @param unsuitableRemedy for a certificate that breaks a rule
 */
record ChainFaults(Setting anchors, Remedy outOfTimeRemedy, Remedy unsuitableRemedy) {

  /** Faults of chains that somebody verifies. */
  ChainFaults(CertificatePurpose purpose) {
    this(
        purpose.anchors(),
        Remedy.of(
            "Have the model signed again, or rely on a timestamp from when the certificate was"
                + " valid (%s).",
            Setting.TSA_CERTIFICATE_CHAIN),
        Remedy.text("Have its issuer put that right, and the model signed again."));
  }

  /** Returns the faults of a certificate that somebody is about to sign with. */
  static ChainFaults ofSigning() {
    return new ChainFaults(
        CertificatePurpose.MODEL_SIGNING.anchors(),
        Remedy.text("Sign with a certificate that is valid now."),
        Remedy.text("Have its issuer put that right, or sign with another certificate."));
  }

  /** Says that a certificate of the path was out of its validity at the time that counts. */
  ChainException outOfTime(X509Certificate certificate, Instant at) {
    return outOfTime(
        "The certificate " + CertificateName.of(certificate), certificate, at, outOfTimeRemedy);
  }

  /** Says that a trust anchor was out of its validity at the time that counts. */
  ChainException anchorOutOfTime(X509Certificate anchor, Instant at) {
    return outOfTime(
        "The trusted certificate " + CertificateName.of(anchor),
        anchor,
        at,
        Remedy.of("Name one that is valid then with %s.", anchors));
  }

  private static ChainException outOfTime(
      String subject, X509Certificate certificate, Instant at, Remedy remedy) {
    Instant notBefore = certificate.getNotBefore().toInstant();
    Instant notAfter = certificate.getNotAfter().toInstant();
    return at.isBefore(notBefore)
        ? new ChainException(
            Kind.NOT_YET_VALID,
            subject + " is not valid before " + notBefore + ", and " + at + " counts.",
            remedy)
        : new ChainException(
            Kind.EXPIRED, subject + " expired on " + notAfter + ", and " + at + " counts.", remedy);
  }

  /**
   * Says that a certificate breaks a rule.
   *
   * @param problem the rest of a sentence about the certificate
   */
  ChainException unsuitable(X509Certificate certificate, String problem) {
    return new ChainException(
        Kind.UNSUITABLE,
        "The certificate " + CertificateName.of(certificate) + " " + problem + ".",
        unsuitableRemedy);
  }

  /** Says that a revocation list names a certificate. */
  ChainException revoked(X509Certificate certificate, RevocationLists.Revocation revocation) {
    return new ChainException(
        Kind.REVOKED,
        "The certificate "
            + CertificateName.of(certificate)
            + " was revoked on "
            + revocation.date()
            + " ("
            + revocation.reason()
            + ")"
            + (revocation.effective().isBefore(revocation.date())
                ? " and counts as invalid since " + invalidSince(revocation)
                : "")
            + ".",
        Remedy.text("Do not use what it signed; have the model signed with another certificate."));
  }

  private static String invalidSince(RevocationLists.Revocation revocation) {
    return revocation.effective().equals(Instant.MIN)
        ? "ever, as its invalidity date cannot be read"
        : revocation.effective().toString();
  }

  /**
   * Says that a revocation list names the issuer of a certificate and does not tell whether the
   * certificate was revoked.
   *
   * @param source the list's file
   * @param problem the rest of a sentence about the list
   */
  ChainException uncheckedRevocation(
      X509Certificate certificate, String source, String problem, Remedy remedy) {
    return new ChainException(
        Kind.REVOCATION_UNKNOWN,
        "Whether the certificate "
            + CertificateName.of(certificate)
            + " was revoked is unknown: the revocation list "
            + Printable.of(source)
            + " "
            + problem
            + ".",
        remedy);
  }

  /** Says that the search ended at a certificate whose issuer is not at hand. */
  ChainException noAnchor(X509Certificate leaf, X509Certificate end) {
    X500Principal issuer = end.getIssuerX500Principal();
    boolean selfIssued = issuer.equals(end.getSubjectX500Principal());
    return untrusted(
        leaf,
        (selfIssued
                ? "the chain ends at " + CertificateName.of(end) + ", which is not trusted"
                : "the chain ends at "
                    + CertificateName.of(end)
                    + ", whose issuer "
                    + CertificateName.of(issuer)
                    + " is neither trusted nor part of the chain")
            + ".",
        Remedy.of("If it is to be trusted, name that certificate with %s.", anchors));
  }

  /** Says that a trusted certificate has the name of the issuer of another and did not sign it. */
  ChainException otherKey(X509Certificate leaf, X509Certificate end) {
    return untrusted(
        leaf,
        "the chain ends at "
            + CertificateName.of(end)
            + ". A certificate of its issuer "
            + CertificateName.of(end.getIssuerX500Principal())
            + " is trusted, but its key did not sign it: the issuer has another key by now, or"
            + " another issuer has the same name.",
        Remedy.of("If that one is to be trusted, name its certificate with %s.", anchors));
  }

  /** Says that no chain was accepted, for a reason that is a sentence of its own. */
  ChainException untrusted(X509Certificate leaf, String reason, Remedy remedy) {
    return new ChainException(
        Kind.UNTRUSTED,
        "No trusted certificate vouches for " + CertificateName.of(leaf) + ": " + reason,
        remedy);
  }

  /** Puts into words why the JDK refused a path. */
  ChainException of(CertPathValidatorException refusal, List<X509Certificate> path, Instant at) {
    if (refusal.getCause() instanceof ChainException ours) {
      return ours;
    }
    int index = Math.max(refusal.getIndex(), 0);
    X509Certificate certificate = path.get(index);
    if (refusal.getReason() instanceof BasicReason reason) {
      return switch (reason) {
        case EXPIRED, NOT_YET_VALID -> outOfTime(certificate, at);
        case ALGORITHM_CONSTRAINED ->
            unsuitable(certificate, "relies on an algorithm that this JVM does not accept");
        default -> refused(path, refusal);
      };
    }
    if (refusal.getReason() instanceof PKIXReason reason) {
      return switch (reason) {
        case NOT_CA_CERT ->
            unsuitable(certificate, "issued another certificate, but is not a CA certificate");
        case INVALID_KEY_USAGE ->
            unsuitable(
                certificate, "issued another certificate, and its key usage lacks keyCertSign");
        case PATH_TOO_LONG ->
            unsuitable(certificate, "is one CA more than an issuer's path length allows");
        case INVALID_NAME ->
            unsuitable(certificate, "has a name that an issuer's name constraints do not allow");
        case INVALID_POLICY ->
            unsuitable(certificate, "satisfies no policy that its issuers require");
        case UNRECOGNIZED_CRIT_EXT ->
            unsuitable(certificate, "has a critical extension that is not known here");
        default -> refused(path, refusal);
      };
    }
    return refused(path, refusal);
  }

  private ChainException refused(List<X509Certificate> path, CertPathValidatorException refusal) {
    return untrusted(
        path.get(0),
        "the JDK refuses its chain (" + refusal.getReason() + ").",
        TimestampVerifier.FETCH_BUNDLE);
  }
}
