package dev.countersign.signing.sigstore;

import dev.countersign.http.HttpCalls;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.remedy.Remedy;
import dev.countersign.signing.SigningException;
import dev.countersign.signing.SigstoreSigningSettings;
import dev.countersign.signing.TimestampClient;
import dev.countersign.signing.TimestampSettings;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.SigstoreLibraries;
import dev.countersign.trust.TrustException;
import dev.countersign.trust.VerifiedTimestamp;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.CertifiedSigner;
import dev.countersign.verification.SigstoreEvidence;
import dev.countersign.verification.SigstoreEvidences;
import dev.countersign.verification.SigstoreIdentity;
import dev.countersign.verification.SigstoreSignatures;
import dev.countersign.verification.SigstoreVerificationSettings;
import dev.countersign.verification.VerificationException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * State that signatures with one description of a Sigstore instance share in a process: the
 * certificate and the connections to services. Closed after its last use. Thread safe.
 */
final class InstanceSigning {

  private final SigstoreSigningSettings settings;
  private final Clock clock;
  private final InstanceServices services;
  private final HttpCalls fulcioCalls;
  private final HttpCalls logCalls;
  private final HttpCalls tokenCalls;
  private final Optional<TimestampClient> timestamps;
  private final RekorClient log;
  private final SigstoreSignatures signatures;
  private final CertificateHolder certificates;
  private final AtomicReference<@Nullable SigstoreIdentity> signer;
  private final Map<OmsBounds, BundleVerifier> ownVerifiers = new ConcurrentHashMap<>();
  private final AtomicInteger uses = new AtomicInteger(1);

  /**
   * Permits of verifications, which compute alone. A log answers many requests at once, and the
   * next requests must not wait for the verification of all answers.
   */
  private final Semaphore verifications =
      new Semaphore(Runtime.getRuntime().availableProcessors(), true);

  /**
   * Prepares to sign; no service is called yet. The caller uses it until {@link #release}.
   *
   * @param signer whom the certificates of the run are for; null before the first
   */
  InstanceSigning(
      SigstoreSigningSettings settings,
      AtomicReference<@Nullable SigstoreIdentity> signer,
      Clock clock,
      UnaryOperator<@Nullable String> environment)
      throws SigningException, TrustException {
    this.settings = settings;
    this.signer = signer;
    this.clock = clock;
    this.services = InstanceServices.of(settings);
    SigstoreEvidence evidence =
        SigstoreLibraries.load(SigstoreEvidences.class).open(settings.instance());
    this.signatures = SigstoreSignatures.of(evidence, clock);
    this.fulcioCalls = new HttpCalls(settings.http(), RekorEntries.MAX_ANSWER_BYTES);
    this.logCalls = HttpCalls.patient(settings.http(), RekorEntries.MAX_ANSWER_BYTES);
    this.tokenCalls = new HttpCalls(settings.http(), RekorEntries.MAX_ANSWER_BYTES);
    this.log = new RekorClient(services.log(), services.entries(), logCalls);
    this.timestamps =
        services
            .timestamps()
            .map(
                url ->
                    new TimestampClient(
                        new TimestampSettings(url, settings.http()),
                        Remedy.text(
                            "Check the addresses in the signing config, or try again later."),
                        false));
    this.certificates =
        new CertificateHolder(
            new CertificateRequests(
                new IdentityTokens(settings.token(), environment, tokenCalls),
                new FulcioClient(services.authority(), fulcioCalls),
                evidence,
                settings.expected(),
                signer,
                clock),
            clock,
            settings.http().timeout().multipliedBy(2));
  }

  /** Returns the files that describe the instance. */
  SigstoreInstance description() {
    return settings.instance();
  }

  /** Adds a use, which {@link #release} ends. There must be another that has not ended. */
  InstanceSigning use() {
    int unused = uses.incrementAndGet();
    return this;
  }

  /** Ends a use; the last one lets go of the key and of the connections. */
  void release() {
    if (uses.decrementAndGet() > 0) {
      return;
    }
    certificates.close();
    timestamps.ifPresent(TimestampClient::close);
    fulcioCalls.close();
    logCalls.close();
    tokenCalls.close();
  }

  CertificateHolder certificates() {
    return certificates;
  }

  Optional<TimestampClient> timestamps() {
    return timestamps;
  }

  RekorClient log() {
    return log;
  }

  /**
   * Verifies a timestamp under the instance's trusted root: that it is from an authority of the
   * instance, and that the certificate was valid then.
   */
  VerifiedTimestamp verified(
      SignedTimestamp timestamp, byte[] signature, X509Certificate certificate)
      throws VerificationException {
    verifications.acquireUninterruptibly();
    try {
      return signatures.requireTimestamp(timestamp, signature, certificate);
    } finally {
      verifications.release();
    }
  }

  /**
   * Verifies a bundle under the instance's trusted root: that the log recorded this signature, and
   * that it was made while the certificate was valid.
   *
   * @param timestamp of the bundle, which has been verified
   * @throws OmsException if a part that came from a service is malformed
   */
  CertifiedSigner verified(Bundle bundle, Optional<VerifiedTimestamp> timestamp)
      throws OmsException, VerificationException {
    verifications.acquireUninterruptibly();
    try {
      return signatures.check(bundle, timestamp);
    } finally {
      verifications.release();
    }
  }

  /** Returns a verifier that trusts the signer of the run, who is known. */
  BundleVerifier ownVerifier(OmsBounds bounds) {
    return ownVerifiers.computeIfAbsent(bounds, this::newOwnVerifier);
  }

  private BundleVerifier newOwnVerifier(OmsBounds bounds) {
    SigstoreIdentity own = Objects.requireNonNull(signer.get(), "the signer");
    try {
      return BundleVerifier.of(
          SigstoreVerificationSettings.ofOne(description(), own.identity(), own.provider()),
          bounds,
          clock);
    } catch (KeyFormatException | TrustException e) {
      throw new IllegalStateException("an identity that was verified cannot be used", e);
    }
  }
}
