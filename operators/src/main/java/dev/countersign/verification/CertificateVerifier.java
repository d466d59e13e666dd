package dev.countersign.verification;

import dev.countersign.keys.Certificates;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.trust.CertificatePurpose;
import dev.countersign.trust.ChainException;
import dev.countersign.trust.ChainValidator;
import dev.countersign.trust.RevocationLists;
import dev.countersign.trust.TimestampException;
import dev.countersign.trust.TimestampVerifier;
import dev.countersign.trust.TrustAnchors;
import dev.countersign.trust.TrustException;
import dev.countersign.trust.ValidatedChain;
import dev.countersign.trust.VerifiedTimestamp;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Verifies bundles of method certificate: the first certificate's key signed, its chain leads to an
 * anchor of the caller's, and each certificate is valid now, or was when a trusted timestamp says
 * that the signature existed (RFC 5280, section 6; RFC 3161).
 *
 * <p>Chains that held are remembered, since a catalog has few signers, and building one takes a
 * hundred times as long as checking again what may have changed: validity and revocation. Thread
 * safe.
 */
final class CertificateVerifier implements BundleVerifier {

  private final ChainValidator validator;
  private final Optional<TimestampVerifier> timestamps;
  private final CertificateTime time;
  private final OmsBounds bounds;
  private final Clock clock;

  /** Chains that held, by the certificates of the bundle. */
  private final Map<List<X509Certificate>, ValidatedChain> held = ValidatedChain.remembered();

  /**
   * Makes a verifier that trusts the certificates of the settings.
   *
   * @param clock tells the present time at each verification
   * @throws TrustException if a certificate or a revocation list cannot be used
   */
  CertificateVerifier(CertificateVerificationSettings settings, OmsBounds bounds, Clock clock)
      throws TrustException {
    this.time = settings.time();
    this.bounds = bounds;
    this.clock = clock;
    RevocationLists revocation =
        RevocationLists.ofTaken(settings.revocationLists(), clock)
            .knowing(settings.trustedCertificates());
    this.validator =
        new ChainValidator(
            anchors(settings.anchors()),
            settings.anchorsOfJdk()
                ? CertificatePurpose.CODE_SIGNING
                : CertificatePurpose.MODEL_SIGNING,
            revocation);
    this.timestamps =
        settings.timestampAnchors().isEmpty()
            ? Optional.empty()
            : Optional.of(new TimestampVerifier(anchors(settings.timestampAnchors()), revocation));
  }

  private static TrustAnchors anchors(List<byte[]> encoded) {
    return TrustAnchors.of(Certificates.ofTaken(encoded));
  }

  @Override
  public VerifiedBundle verify(byte[] bundleJson) throws OmsException, VerificationException {
    SignedChain signed = SignedChain.of(BundleJson.read(bundleJson, bounds));
    return signed.verified(check(signed), bounds);
  }

  /** Checks whether the signer's certificate counts; the signature was checked before. */
  CertifiedSigner check(SignedChain signed) throws VerificationException {
    Instant now = clock.instant();
    Instant at =
        switch (time.kind()) {
          case NOW -> now;
          case NOT_BEFORE -> signed.leaf().getNotBefore().toInstant();
          case AT -> time.instant();
        };
    try {
      return CertifiedSigner.checked(
          validate(signed, at, now), at, Optional.empty(), !time.equals(CertificateTime.NOW));
    } catch (ChainException e) {
      return checkAtTimestamp(signed, now, e);
    }
  }

  /** Returns a chain as {@link ChainValidator#validate} does. */
  private ValidatedChain validate(SignedChain signed, Instant at, Instant revocationAt)
      throws ChainException {
    ValidatedChain known = held.get(signed.certificates());
    if (known != null) {
      try {
        validator.recheck(known, at, revocationAt);
        return known;
      } catch (ChainException e) {
        // There may be another path, and a validation from the start says best what is wrong.
      }
    }
    ValidatedChain validated = validator.validate(signed.leaf(), signed.others(), at, revocationAt);
    held.put(signed.certificates(), validated);
    return validated;
  }

  /** What does not hold now may have held when the model was signed, if somebody says when. */
  private CertifiedSigner checkAtTimestamp(SignedChain signed, Instant now, ChainException present)
      throws VerificationException {
    // A time that the caller chose is not ours to replace.
    boolean mayHaveHeld =
        (present.kind() == ChainException.Kind.EXPIRED && time.kind() == CertificateTime.Kind.NOW)
            || present.kind() == ChainException.Kind.REVOKED;
    List<SignedTimestamp> carried = signed.bundle().timestamps();
    if (!mayHaveHeld || carried.isEmpty()) {
      throw failure(signed, kind(present), present.problem(), present.remedy());
    }
    if (timestamps.isEmpty()) {
      throw failure(
          signed,
          kind(present),
          present.problem(),
          present
              .remedy()
              .then(
                  Remedy.of(
                      "The bundle carries a timestamp: if you trust its authority, name that with"
                          + " %s.",
                      Setting.TSA_CERTIFICATE_CHAIN)));
    }
    VerificationException fault = failure(signed, kind(present), "", Remedy.NONE);
    for (SignedTimestamp timestamp : carried) {
      try {
        VerifiedTimestamp verified =
            timestamps.get().verify(timestamp.der(), signed.bundle().envelope().signature());
        if (verified.time().isAfter(now)) {
          fault =
              badTimestamp(
                  signed,
                  present,
                  Remedy.text(
                      "Its timestamp is of " + verified.time() + ", which is yet to come."));
          continue;
        }
        return CertifiedSigner.checked(
            validate(signed, verified.time(), verified.time()),
            verified.time(),
            Optional.of(verified),
            false);
      } catch (TimestampException e) {
        fault = badTimestamp(signed, present, Remedy.text(e.problem()).then(e.remedy()));
      } catch (ChainException e) {
        fault =
            failure(
                signed,
                kind(e),
                e.problem(),
                e.remedy().then(Remedy.text("That is so at the time of its timestamp too.")));
      }
    }
    throw fault;
  }

  private static VerificationException badTimestamp(
      SignedChain signed, ChainException present, Remedy fault) {
    return failure(
        signed,
        VerificationException.Kind.BAD_TIMESTAMP,
        present.problem(),
        present.remedy().then(fault));
  }

  private static VerificationException failure(
      SignedChain signed, VerificationException.Kind kind, String problem, Remedy remedy) {
    return new VerificationException(kind, problem, remedy, CertifiedSigner.claimed(signed.leaf()));
  }

  private static VerificationException.Kind kind(ChainException fault) {
    return switch (fault.kind()) {
      case UNTRUSTED -> VerificationException.Kind.UNTRUSTED_SIGNER;
      case EXPIRED -> VerificationException.Kind.EXPIRED_CERTIFICATE;
      case NOT_YET_VALID -> VerificationException.Kind.CERTIFICATE_NOT_YET_VALID;
      case REVOKED -> VerificationException.Kind.REVOKED_CERTIFICATE;
      case REVOCATION_UNKNOWN -> VerificationException.Kind.REVOCATION_UNKNOWN;
      case UNSUITABLE -> VerificationException.Kind.UNSUITABLE_CERTIFICATE;
    };
  }
}
