package dev.countersign.source.planning;

import dev.countersign.keys.EcCurve;
import dev.countersign.schemas.SignerCertificate;
import dev.countersign.verification.AlternativeName;
import dev.countersign.verification.CertificateDigest;
import dev.countersign.verification.CertifiedSigner;
import dev.countersign.verification.SigstoreIdentity;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/** Turns certificates into records. What they say is somebody's choice, so it is cut. */
public final class SignerCertificates {

  /** Longer than any honest name, in characters. */
  private static final int MAX_TEXT = 1_000;

  /** The most alternative names that are kept; those of a web server may be hundreds. */
  private static final int MAX_NAMES = 16;

  private SignerCertificates() {}

  /** Returns the record of what a bundle's certificate says, and what the check of it came to. */
  public static SignerCertificate of(CertifiedSigner signer) {
    SignerCertificate record = of(signer.certificate());
    signer.path().forEach(each -> record.getChainSha256().add(CertificateDigest.of(each)));
    signer
        .anchor()
        .ifPresent(
            anchor -> {
              record.setTrustAnchor(name(anchor.getSubjectX500Principal()));
              record.setTrustAnchorSha256(CertificateDigest.of(anchor));
            });
    signer.checkedAt().ifPresent(record::setCheckedAt);
    signer
        .timestamp()
        .ifPresent(timestamp -> record.setTimestampAuthority(authority(timestamp.authority())));
    if (signer.sigstore().isEmpty()) {
      // What an issuer that is not Sigstore's writes there means nothing.
      record.setIdentity("");
      record.setIdentityProvider("");
      return record;
    }
    record.setLogIndex(signer.sigstore().get().logIndex());
    signer.sigstore().get().logTime().ifPresent(record::setLogTime);
    return record;
  }

  /** Returns the record of what a certificate says. */
  public static SignerCertificate of(X509Certificate certificate) {
    Optional<SigstoreIdentity> identity = SigstoreIdentity.of(certificate);
    return SignerCertificate.newBuilder()
        .setIdentity(identity.map(each -> cut(each.identity())).orElse(""))
        .setIdentityProvider(identity.map(each -> cut(each.provider())).orElse(""))
        .setSubject(name(certificate.getSubjectX500Principal()))
        .setIssuer(name(certificate.getIssuerX500Principal()))
        .setAlternativeNames(alternativeNames(certificate))
        .setSerial(cut(certificate.getSerialNumber().toString(16)))
        .setNotBefore(certificate.getNotBefore().toInstant())
        .setNotAfter(certificate.getNotAfter().toInstant())
        .setKeyAlgorithm(keyAlgorithm(certificate.getPublicKey()))
        .setSha256(CertificateDigest.of(certificate))
        .setChainSha256(new ArrayList<>())
        .build();
  }

  /** Never empty, since it tells that there was a timestamp; a certificate may have no subject. */
  private static String authority(X509Certificate certificate) {
    String name = name(certificate.getSubjectX500Principal());
    return name.isEmpty()
        ? cut(
            "serial number "
                + certificate.getSerialNumber().toString(16)
                + " of "
                + certificate.getIssuerX500Principal().getName())
        : name;
  }

  private static List<String> alternativeNames(X509Certificate certificate) {
    return AlternativeName.of(certificate).stream()
        .limit(MAX_NAMES)
        .map(name -> cut(name.value()))
        .toList();
  }

  private static String keyAlgorithm(PublicKey key) {
    if (key instanceof RSAKey rsa) {
      return "RSA " + rsa.getModulus().bitLength();
    }
    if (key instanceof ECKey ec) {
      return "EC " + EcCurve.of(ec).map(EcCurve::nistName).orElse("on another curve");
    }
    return key instanceof EdECKey edwards ? edwards.getParams().getName() : cut(key.getAlgorithm());
  }

  private static String name(X500Principal principal) {
    return cut(principal.getName());
  }

  private static String cut(String text) {
    return text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) + "..." : text;
  }
}
