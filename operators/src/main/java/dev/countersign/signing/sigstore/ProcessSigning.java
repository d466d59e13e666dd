package dev.countersign.signing.sigstore;

import dev.countersign.http.HttpCalls;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.remedy.Remedy;
import dev.countersign.signing.SigningException;
import dev.countersign.signing.SigstoreSigningSettings;
import dev.countersign.signing.TimestampClient;
import dev.countersign.signing.TimestampSettings;
import dev.countersign.trust.SigstoreLibraries;
import dev.countersign.trust.TrustException;
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
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What all signers of a run in one process share: the certificate, the connections to services, and
 * the bounds on what is asked of them. Closed with the last of these signers. Thread safe.
 */
final class ProcessSigning {

  private static final Map<Run, ProcessSigning> RUNNING = new HashMap<>();

  /** What tells runs in one process apart. */
  private record Run(String id, SigstoreSigningSettings settings) {}

  private final Run run;
  private final Clock clock;
  private final InstanceServices services;
  private final HttpCalls fulcioCalls;
  private final HttpCalls logCalls;
  private final HttpCalls tokenCalls;
  private final Optional<TimestampClient> timestamps;
  private final RekorClient log;
  private final SigstoreSignatures signatures;
  private final CertificateHolder certificates;
  private final FlowLimit flow = new FlowLimit();
  private int signers;

  /** Prepares to sign; no service is called yet. */
  ProcessSigning(
      SigstoreSigningSettings settings,
      String runId,
      Clock clock,
      UnaryOperator<@Nullable String> environment)
      throws SigningException, TrustException {
    this.run = new Run(runId, settings);
    this.clock = clock;
    this.services = InstanceServices.of(settings);
    SigstoreEvidence evidence =
        SigstoreLibraries.load(SigstoreEvidences.class).open(settings.instance());
    this.signatures = SigstoreSignatures.of(evidence, clock);
    this.fulcioCalls = new HttpCalls(settings.http(), RekorEntries.MAX_ANSWER_BYTES);
    this.logCalls = new HttpCalls(settings.http(), RekorEntries.MAX_ANSWER_BYTES);
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
                            "Check the addresses in the signing config, or try again later.")));
    this.certificates =
        new CertificateHolder(
            new CertificateRequests(
                new IdentityTokens(settings.token(), environment, tokenCalls),
                new FulcioClient(services.authority(), fulcioCalls),
                evidence,
                settings.expected(),
                clock),
            clock,
            settings.http().timeout().multipliedBy(2));
  }

  /** Returns what the run shares in this process, for one more signer, which releases it. */
  static ProcessSigning of(SigstoreSigningSettings settings, String runId)
      throws SigningException, TrustException {
    synchronized (RUNNING) {
      Run run = new Run(runId, settings);
      ProcessSigning shared = RUNNING.get(run);
      if (shared == null) {
        shared = new ProcessSigning(settings, runId, Clock.systemUTC(), System::getenv);
        RUNNING.put(run, shared);
      }
      shared.signers++;
      return shared;
    }
  }

  /** Ends the use by one signer. */
  void release() {
    synchronized (RUNNING) {
      if (--signers > 0) {
        return;
      }
      RUNNING.remove(run, this);
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

  FlowLimit flow() {
    return flow;
  }

  Optional<TimestampClient> timestamps() {
    return timestamps;
  }

  RekorClient log() {
    return log;
  }

  /**
   * Verifies a bundle under the instance's trusted root: that the log recorded this signature, and
   * that it was made while the certificate was valid.
   *
   * @throws OmsException if a part that came from a service is malformed
   */
  CertifiedSigner verified(Bundle bundle) throws OmsException, VerificationException {
    return signatures.check(bundle);
  }

  /** Returns a verifier that trusts the identity of the present certificate. */
  BundleVerifier ownVerifier(OmsBounds bounds) {
    try {
      X509Certificate certificate = certificates.current().certificate().orElseThrow();
      SigstoreIdentity signer = SigstoreIdentity.of(certificate).orElseThrow();
      return BundleVerifier.of(
          SigstoreVerificationSettings.ofOne(
              run.settings().instance(), signer.identity(), signer.provider()),
          bounds,
          clock);
    } catch (SigningException | KeyFormatException | TrustException e) {
      throw new IllegalStateException("an identity that was verified cannot be used", e);
    }
  }
}
