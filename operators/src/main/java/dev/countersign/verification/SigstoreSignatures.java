package dev.countersign.verification;

import dev.countersign.keys.CertificateDecoder;
import dev.countersign.keys.CertificateFile;
import dev.countersign.keys.Certificates;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.LogEntry;
import dev.countersign.oms.LoggedSignature;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.SignatureMethod;
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.oms.VerificationMaterial;
import dev.countersign.oms.VerificationMaterial.CertificateChain;
import dev.countersign.oms.VerificationMaterial.SigstoreCertificate;
import dev.countersign.remedy.Remedy;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.SigstoreLibraries;
import dev.countersign.trust.TimestampException;
import dev.countersign.trust.TrustException;
import dev.countersign.trust.ValidatedChain;
import dev.countersign.trust.VerifiedTimestamp;
import dev.countersign.verification.SigstoreEvidence.Recorded;
import dev.countersign.verification.VerificationException.Kind;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Checks Sigstore signatures against an instance, whoever made them: the certificate's key signed
 * the envelope; the instance issued the certificate, and recorded it; a log recorded this very
 * signature; and the signature existed while the certificate was valid. All that is read is the
 * bundle and the trusted root. Thread safe.
 *
 * <p>A proof of inclusion says nothing of when: a log that is handed an old signature takes it
 * today. So the time is one that the log signed with the entry, or a timestamp.
 */
public final class SigstoreSignatures {

  /** The other spelling of the format's version 0.3. */
  private static final Set<String> MEDIA_TYPES =
      Set.of(Bundle.MEDIA_TYPE, "application/vnd.dev.sigstore.bundle+json;version=0.3");

  /** How far the clocks of an instance and of a verifier may be apart. */
  private static final Duration MAX_SKEW = Duration.ofMinutes(5);

  private static final Remedy FETCH_AGAIN =
      Remedy.text("Fetch the bundle from its producer again.");
  private static final Remedy SIGN_AGAIN = Remedy.text("Have the model signed again.");

  private final SigstoreEvidence evidence;
  private final Clock clock;

  private SigstoreSignatures(SigstoreEvidence evidence, Clock clock) {
    this.evidence = evidence;
    this.clock = clock;
  }

  /**
   * Returns the checks against an instance.
   *
   * @param clock tells the present time at each check
   * @throws TrustException if its trusted root cannot be used, or Sigstore's libraries are missing
   */
  public static SigstoreSignatures of(SigstoreInstance instance, Clock clock)
      throws TrustException {
    return new SigstoreSignatures(
        SigstoreLibraries.load(SigstoreEvidences.class).open(instance), clock);
  }

  /** Returns the checks against the instance whose evidence this is. */
  public static SigstoreSignatures of(SigstoreEvidence evidence, Clock clock) {
    return new SigstoreSignatures(evidence, clock);
  }

  /**
   * Checks the signature of a bundle. The payload is not looked into.
   *
   * @return the signer, with {@link CertifiedSigner#sigstore}; whether that signer is trusted is
   *     for the caller to decide
   * @throws OmsException if a part of the bundle is malformed
   * @throws VerificationException if something is missing or does not hold
   */
  public CertifiedSigner check(Bundle bundle) throws OmsException, VerificationException {
    return check(bundle, Optional.empty());
  }

  /**
   * Checks the signature of a bundle that has one timestamp or none.
   *
   * @param timestamp what {@link #requireTimestamp} returned for that timestamp, which is not
   *     verified again
   * @return as {@link #check(Bundle)}
   * @throws OmsException if a part of the bundle is malformed
   * @throws VerificationException if something is missing or does not hold
   */
  public CertifiedSigner check(Bundle bundle, Optional<VerifiedTimestamp> timestamp)
      throws OmsException, VerificationException {
    X509Certificate leaf = certificate(bundle);
    Envelope envelope = bundle.envelope();
    SignedMessage message = SignedMessage.of(envelope.pae());
    requireSignature(leaf, message, envelope.signature());
    ValidatedChain chain = evidence.requireIssued(leaf);
    SigstoreIdentity identity =
        SigstoreIdentity.of(leaf)
            .orElseThrow(
                () ->
                    failure(
                        leaf,
                        Kind.UNSUITABLE_CERTIFICATE,
                        "The signer's certificate does not name exactly one identity and one"
                            + " identity provider.",
                        SIGN_AGAIN));
    List<Recorded> recorded = recorded(bundle, leaf, message);
    List<VerifiedTimestamp> timestamps =
        timestamp.isPresent() ? List.of(timestamp.get()) : timestamps(bundle, leaf, recorded);
    List<Instant> times =
        Stream.concat(
                timestamps.stream().map(VerifiedTimestamp::time),
                recorded.stream().flatMap(entry -> entry.time().stream()))
            .toList();
    for (Instant time : times) {
      evidence.requireAuthority(leaf, chain, time);
      requireValid(leaf, chain, time);
      requireLogKeys(leaf, recorded, time);
    }
    Recorded first = recorded.get(0);
    return CertifiedSigner.checked(chain, times.get(0), timestamps.stream().findFirst(), false)
        .with(new SigstoreProof(identity, first.index(), first.time()));
  }

  /**
   * Requires that a timestamp of a signature is from an authority of the instance, and that the
   * signer's certificate was valid at that time.
   *
   * @param leaf the signer's certificate
   * @throws VerificationException if one of these does not hold
   */
  public VerifiedTimestamp requireTimestamp(
      SignedTimestamp timestamp, byte[] signature, X509Certificate leaf)
      throws VerificationException {
    ValidatedChain chain = evidence.requireIssued(leaf);
    try {
      VerifiedTimestamp held = evidence.requireTimestamp(timestamp, signature);
      evidence.requireAuthority(leaf, chain, held.time());
      requireValid(leaf, chain, held.time());
      return held;
    } catch (TimestampException e) {
      throw failure(leaf, Kind.BAD_TIMESTAMP, e.problem(), SIGN_AGAIN);
    }
  }

  private static X509Certificate certificate(Bundle bundle)
      throws OmsException, VerificationException {
    VerificationMaterial material = bundle.material();
    if (material.method() == SignatureMethod.KEY) {
      throw VerificationException.ofMethod(SignatureMethod.KEY, "Sigstore");
    }
    if (!MEDIA_TYPES.contains(bundle.mediaType())) {
      throw new OmsException(
          OmsException.Kind.MALFORMED,
          "The bundle's field /mediaType is \"%s\", and bundles that are signed with Sigstore have"
              + " %s. Have the model signed again.",
          Printable.of(bundle.mediaType()),
          Bundle.MEDIA_TYPE);
    }
    if (material instanceof CertificateChain chain) {
      throw bundle.logEntries().isEmpty() && chain.der().size() == 1
          ? new VerificationException(
              Kind.METHOD_MISMATCH,
              "The bundle has a certificate but no entry of a transparency log, so it was not"
                  + " signed with Sigstore, or the entry was removed. Verify it with the method"
                  + " that it was signed with, or fetch it from its producer again.")
          : VerificationException.ofMethod(SignatureMethod.CERTIFICATE, "Sigstore");
    }
    try {
      return CertificateDecoder.decode(((SigstoreCertificate) material).der());
    } catch (CertificateException e) {
      throw new OmsException(
          OmsException.Kind.MALFORMED,
          "The bundle's certificate cannot be read: %s.",
          e.getMessage());
    }
  }

  private static void requireSignature(
      X509Certificate leaf, SignedMessage message, byte[] signature) throws VerificationException {
    VerifyingKey key =
        VerifyingKey.of(leaf.getPublicKey()).orElseThrow(() -> SignedChain.unsupportedKey(leaf));
    if (!key.verifies(message, signature)) {
      throw SignedChain.badSignature(leaf);
    }
  }

  /** Returns what logs state about the entries, each of which must be of this signature. */
  private List<Recorded> recorded(Bundle bundle, X509Certificate leaf, SignedMessage message)
      throws OmsException, VerificationException {
    List<Recorded> recorded = new ArrayList<>();
    Set<String> logs = new HashSet<>();
    for (LogEntry entry : bundle.logEntries()) {
      if (!logs.add(HexFormat.of().formatHex(entry.logId()))) {
        throw badEntry(leaf, "The bundle has two entries of one transparency log.", FETCH_AGAIN);
      }
      LoggedSignature logged = LoggedSignature.read(entry);
      recorded.add(recorded(entry, leaf));
      requireSame(logged, bundle.envelope(), leaf, message);
    }
    return recorded;
  }

  private Recorded recorded(LogEntry entry, X509Certificate leaf) throws VerificationException {
    try {
      return evidence.requireRecorded(entry);
    } catch (VerificationException e) {
      throw failure(leaf, e.kind(), e.problem(), e.remedy());
    }
  }

  private static void requireSame(
      LoggedSignature logged, Envelope envelope, X509Certificate leaf, SignedMessage message)
      throws VerificationException {
    byte[] digest =
        logged.type().isOverPayload()
            ? SignedMessage.of(envelope.payload()).digest(logged.hash())
            : message.digest(logged.hash());
    if (!MessageDigest.isEqual(digest, logged.digest())) {
      throw ofAnother(leaf, "content");
    }
    if (!MessageDigest.isEqual(envelope.signature(), logged.signature())) {
      throw ofAnother(leaf, "signature");
    }
    boolean sameCertificate =
        logged.type().isPem()
            ? new String(logged.certificate(), StandardCharsets.UTF_8)
                .strip()
                .equals(CertificateFile.pem(List.of(leaf)).strip())
            : MessageDigest.isEqual(Certificates.encoded(leaf), logged.certificate());
    if (!sameCertificate) {
      throw ofAnother(leaf, "certificate");
    }
  }

  private static VerificationException ofAnother(X509Certificate leaf, String what) {
    return badEntry(
        leaf,
        "The log entry in the bundle is of another "
            + what
            + " than the bundle's, so it says nothing about this signature.",
        FETCH_AGAIN);
  }

  /**
   * Returns the timestamps that hold. Those of other authorities are left alone if the time is
   * known without them.
   */
  private List<VerifiedTimestamp> timestamps(
      Bundle bundle, X509Certificate leaf, List<Recorded> recorded) throws VerificationException {
    List<VerifiedTimestamp> held = new ArrayList<>();
    Optional<TimestampException> fault = Optional.empty();
    for (SignedTimestamp timestamp : bundle.timestamps()) {
      try {
        held.add(evidence.requireTimestamp(timestamp, bundle.envelope().signature()));
      } catch (TimestampException e) {
        fault = Optional.of(e);
      }
    }
    if (!held.isEmpty() || recorded.stream().anyMatch(entry -> entry.time().isPresent())) {
      return held;
    }
    if (fault.isPresent()) {
      throw failure(leaf, Kind.BAD_TIMESTAMP, fault.get().problem(), SIGN_AGAIN);
    }
    throw failure(
        leaf,
        Kind.BAD_TIMESTAMP,
        "Nothing in the bundle proves when the model was signed: it has neither a timestamp nor a"
            + " time that the transparency log signed.",
        SIGN_AGAIN);
  }

  /** Requires that the certificate and those above it were valid when the signature existed. */
  private void requireValid(X509Certificate leaf, ValidatedChain chain, Instant time)
      throws VerificationException {
    if (time.isAfter(clock.instant().plus(MAX_SKEW))) {
      throw failure(
          leaf,
          Kind.CERTIFICATE_NOT_YET_VALID,
          "The bundle was signed at " + time + ", which is yet to come.",
          Remedy.text("Correct the clock of this machine."));
    }
    for (X509Certificate certificate :
        Stream.concat(chain.path().stream(), Stream.of(chain.anchor())).toList()) {
      boolean tooEarly = time.isBefore(certificate.getNotBefore().toInstant());
      if (tooEarly || time.isAfter(certificate.getNotAfter().toInstant())) {
        throw failure(
            leaf,
            tooEarly ? Kind.CERTIFICATE_NOT_YET_VALID : Kind.EXPIRED_CERTIFICATE,
            Message.of(
                "The model was signed at %s, and %s certificate is valid from %s to %s only.",
                time,
                certificate.equals(leaf) ? "the signer's" : "its authority's",
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant()),
            SIGN_AGAIN);
      }
    }
  }

  private static void requireLogKeys(X509Certificate leaf, List<Recorded> recorded, Instant time)
      throws VerificationException {
    for (Recorded entry : recorded) {
      if (!entry.isValidAt(time)) {
        throw badEntry(
            leaf,
            Message.of(
                "The model was signed at %s, and the key of the transparency log is valid from %s"
                    + " to %s only.",
                time, entry.from(), entry.until().map(Instant::toString).orElse("now")),
            SIGN_AGAIN);
      }
    }
  }

  private static VerificationException badEntry(
      X509Certificate leaf, String problem, Remedy remedy) {
    return failure(leaf, Kind.BAD_LOG_ENTRY, problem, remedy);
  }

  private static VerificationException failure(
      X509Certificate leaf, Kind kind, String problem, Remedy remedy) {
    return new VerificationException(kind, problem, remedy, CertifiedSigner.claimed(leaf));
  }
}
