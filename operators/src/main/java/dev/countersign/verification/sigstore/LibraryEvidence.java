package dev.countersign.verification.sigstore;

import dev.countersign.oms.LogEntry;
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.trust.ChainException;
import dev.countersign.trust.TimestampException;
import dev.countersign.trust.ValidatedChain;
import dev.countersign.trust.VerifiedTimestamp;
import dev.countersign.verification.CertifiedSigner;
import dev.countersign.verification.SigstoreEvidence;
import dev.countersign.verification.VerificationException;
import dev.sigstore.encryption.certificates.Certificates;
import dev.sigstore.fulcio.client.FulcioVerificationException;
import dev.sigstore.fulcio.client.FulcioVerifier;
import dev.sigstore.trustroot.SigstoreTrustedRoot;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Evidence under a trusted root. Certificates that were issued are remembered, since one signs many
 * models.
 */
final class LibraryEvidence implements SigstoreEvidence {

  static final Remedy OTHER_ROOT =
      Remedy.of(
          "Verify with the trusted root of the Sigstore instance that the model was signed with (%s"
              + " or %s).",
          Setting.TRUST_CONFIG, Setting.TRUSTED_ROOT);

  private final List<CertificateAuthority> authorities;
  private final List<TimestampAuthority> timestampAuthorities;
  private final FulcioVerifier fulcio;
  private final RecordedEntries entries;

  /** Chains of certificates that were issued. */
  private final Map<X509Certificate, ValidatedChain> issued = ValidatedChain.remembered();

  private LibraryEvidence(
      List<CertificateAuthority> authorities,
      List<TimestampAuthority> timestampAuthorities,
      FulcioVerifier fulcio,
      RecordedEntries entries) {
    this.authorities = authorities;
    this.timestampAuthorities = timestampAuthorities;
    this.fulcio = fulcio;
    this.entries = entries;
  }

  /**
   * Returns the evidence under a trusted root.
   *
   * @throws GeneralSecurityException if a key or a certificate of it is of an unsupported kind
   */
  static LibraryEvidence of(SigstoreTrustedRoot root) throws GeneralSecurityException {
    return new LibraryEvidence(
        root.getCAs().stream().map(CertificateAuthority::of).toList(),
        root.getTSAs().stream().map(TimestampAuthority::of).toList(),
        FulcioVerifier.newFulcioVerifier(root.getCAs(), LogKey.in(root.getCTLogs())),
        new RecordedEntries(LogKey.in(root.getTLogs())));
  }

  @Override
  public ValidatedChain requireIssued(X509Certificate certificate) throws VerificationException {
    ValidatedChain known = issued.get(certificate);
    if (known != null) {
      return known;
    }
    ValidatedChain chain = chain(certificate);
    try {
      fulcio.verifySigningCertificate(Certificates.toCertPath(certificate));
    } catch (FulcioVerificationException
        | IOException
        | CertificateException
        | RuntimeException e) {
      // The chain holds, so it is the promise of a certificate transparency log.
      throw failure(
          certificate,
          VerificationException.Kind.BAD_LOG_ENTRY,
          "The signer's certificate has no valid promise (SCT) of a certificate transparency log"
              + " in the trusted root.");
    }
    issued.put(certificate, chain);
    return chain;
  }

  @Override
  public void requireAuthority(X509Certificate certificate, ValidatedChain chain, Instant time)
      throws VerificationException {
    for (CertificateAuthority authority : authorities) {
      if (authority.isOf(chain)
          && authority.isValidAt(certificate.getNotBefore().toInstant())
          && authority.isValidAt(time)) {
        return;
      }
    }
    throw failure(
        certificate,
        VerificationException.Kind.UNTRUSTED_SIGNER,
        "The certificate authority of the signer's certificate was no longer trusted at "
            + time
            + ", when the model was signed.");
  }

  private ValidatedChain chain(X509Certificate certificate) throws VerificationException {
    Optional<ChainException> fault = Optional.empty();
    for (CertificateAuthority authority : authorities) {
      if (!authority.isValidAt(certificate.getNotBefore().toInstant())) {
        continue;
      }
      try {
        return authority.validate(certificate);
      } catch (ChainException e) {
        if (e.kind() != ChainException.Kind.UNTRUSTED) {
          fault = Optional.of(e);
        }
      }
    }
    if (fault.isPresent()) {
      ChainException found = fault.get();
      throw failure(
          certificate,
          switch (found.kind()) {
            case EXPIRED -> VerificationException.Kind.EXPIRED_CERTIFICATE;
            case NOT_YET_VALID -> VerificationException.Kind.CERTIFICATE_NOT_YET_VALID;
            default -> VerificationException.Kind.UNSUITABLE_CERTIFICATE;
          },
          found.problem());
    }
    throw failure(
        certificate,
        VerificationException.Kind.UNTRUSTED_SIGNER,
        "The signer's certificate was not issued by a certificate authority in the trusted root"
            + " that was valid at that time.");
  }

  private static VerificationException failure(
      X509Certificate certificate, VerificationException.Kind kind, String problem) {
    return new VerificationException(
        kind, problem, OTHER_ROOT, CertifiedSigner.claimed(certificate));
  }

  @Override
  public Recorded requireRecorded(LogEntry entry) throws VerificationException {
    try {
      return entries.require(entry);
    } catch (RecordedEntries.FaultException e) {
      throw new VerificationException(
          VerificationException.Kind.BAD_LOG_ENTRY, e.problem(), e.remedy(), null);
    }
  }

  @Override
  public VerifiedTimestamp requireTimestamp(SignedTimestamp timestamp, byte[] signature)
      throws TimestampException {
    Optional<TimestampException> fault = Optional.empty();
    for (TimestampAuthority authority : timestampAuthorities) {
      try {
        return authority.require(timestamp.der(), signature);
      } catch (TimestampException e) {
        fault = fault.or(() -> Optional.of(e));
      }
    }
    throw fault.orElseGet(
        () ->
            new TimestampException(
                "The trusted root has no timestamp authority, so the timestamp proves nothing.",
                OTHER_ROOT));
  }
}
