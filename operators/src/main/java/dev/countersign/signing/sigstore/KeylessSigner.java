package dev.countersign.signing.sigstore;

import dev.countersign.oms.Bundle;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.LogEntry;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.remedy.Remedy;
import dev.countersign.signing.EnvelopeSigner;
import dev.countersign.signing.EphemeralKey;
import dev.countersign.signing.Signatory;
import dev.countersign.signing.SignedBundle;
import dev.countersign.signing.SigningException;
import dev.countersign.signing.SigningLimits;
import dev.countersign.signing.TimestampClient;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.VerificationException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Signs envelopes with the certificate that this process holds at present, and has each signature
 * timestamped and recorded in the log. A bundle is returned only if it verifies.
 */
final class KeylessSigner implements EnvelopeSigner {

  /** A certificate may end while its signature is on its way, but not twice. */
  private static final int ATTEMPTS = 2;

  private final ProcessSigning process;
  private final SigningLimits share;

  /** A signer with a share of what the process may do at a time. */
  KeylessSigner(ProcessSigning process, SigningLimits share) {
    this.process = process;
    this.share = share;
    process.flow().join(share);
  }

  @Override
  public SignedBundle sign(byte[] payload, Consumer<Signatory> chosen) throws SigningException {
    try {
      process.flow().acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SigningException("The wait for a turn to sign was interrupted.", Remedy.NONE, e);
    }
    try {
      for (int attempt = 1; ; attempt++) {
        EphemeralKey.Certified key = process.certificates().current();
        chosen.accept(key);
        Bundle bundle = complete(payload, key);
        try {
          return new SignedBundle(bundle, Optional.of(process.verified(bundle)));
        } catch (OmsException e) {
          throw invalid(String.valueOf(e.getMessage()), e);
        } catch (VerificationException e) {
          boolean ended = key != process.certificates().current();
          if (attempt == ATTEMPTS || !ended) {
            throw invalid(e.problem(), e);
          }
        }
      }
    } finally {
      process.flow().release();
    }
  }

  private static SigningException invalid(String problem, Exception cause) {
    return new SigningException(
        "The services' answers make no valid signature. " + problem,
        Remedy.text(
            "Check that trusted root and signing config belong to the same Sigstore instance, and"
                + " that its services can be relied on."),
        cause);
  }

  private Bundle complete(byte[] payload, EphemeralKey.Certified key) throws SigningException {
    byte[] signature = key.sign(Envelope.pae(Envelope.PAYLOAD_TYPE, payload));
    Envelope envelope = new Envelope(Envelope.PAYLOAD_TYPE, payload, signature, "");
    List<SignedTimestamp> timestamps = TimestampClient.over(signature, process.timestamps());
    X509Certificate certificate = key.certificate().orElseThrow();
    LogEntry entry = process.log().add(envelope, certificate);
    return new Bundle(key.material(), envelope, timestamps, List.of(entry));
  }

  @Override
  public BundleVerifier ownVerifier(OmsBounds bounds) {
    return process.ownVerifier(bounds);
  }

  @Override
  public void close() {
    process.flow().leave(share);
    process.release();
  }
}
