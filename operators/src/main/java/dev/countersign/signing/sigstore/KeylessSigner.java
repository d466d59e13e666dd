package dev.countersign.signing.sigstore;

import dev.countersign.oms.Bundle;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.LogEntry;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.signing.EnvelopeSigner;
import dev.countersign.signing.EphemeralKey;
import dev.countersign.signing.Signatory;
import dev.countersign.signing.SignedBundle;
import dev.countersign.signing.SigningException;
import dev.countersign.signing.SigningLimits;
import dev.countersign.signing.TimestampClient;
import dev.countersign.trust.VerifiedTimestamp;
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

  private final RunSigning run;
  private final SigningLimits share;

  /** A signer with a share of what the process may do at a time. */
  KeylessSigner(RunSigning run, SigningLimits share) {
    this.run = run;
    this.share = share;
    run.flow().join(share);
  }

  @Override
  public SignedBundle sign(byte[] payload, Consumer<Signatory> chosen) throws SigningException {
    for (int attempt = 1; ; attempt++) {
      Turn turn = begin(chosen);
      try {
        Recorded recorded = recorded(payload, turn);
        return new SignedBundle(
            recorded.bundle(),
            Optional.of(turn.instance().verified(recorded.bundle(), recorded.timestamp())));
      } catch (OmsException e) {
        throw invalid(String.valueOf(e.getMessage()), e);
      } catch (VerificationException e) {
        boolean ended = !turn.isUsable();
        if (attempt == ATTEMPTS || !ended) {
          throw e.kind() == VerificationException.Kind.EXPIRED_CERTIFICATE
              ? late(e)
              : invalid(e.problem(), e);
        }
      } finally {
        turn.instance().release();
      }
    }
  }

  /**
   * Signed bundle, which is still to be verified.
   *
   * @param timestamp what its timestamp says, which has been verified
   */
  private record Recorded(Bundle bundle, Optional<VerifiedTimestamp> timestamp) {}

  /** Resources of one signature: an instance, in use until it is released, and its key. */
  private record Turn(InstanceSigning instance, EphemeralKey.Certified key) {

    boolean isUsable() {
      return instance.certificates().isUsable(key);
    }
  }

  /** Waits for a turn, which {@link #recorded} ends, and returns what to sign with. */
  private Turn begin(Consumer<Signatory> chosen) throws SigningException {
    try {
      run.flow().acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SigningException("The wait for a turn to sign was interrupted.", Remedy.NONE, e);
    }
    InstanceSigning instance = run.use();
    boolean begun = false;
    try {
      EphemeralKey.Certified key = instance.certificates().current();
      chosen.accept(key);
      begun = true;
      return new Turn(instance, key);
    } finally {
      if (!begun) {
        instance.release();
        run.flow().release();
      }
    }
  }

  private Recorded recorded(byte[] payload, Turn turn)
      throws SigningException, VerificationException {
    try {
      return complete(payload, turn);
    } finally {
      // The verification of the whole is nothing that the services are asked for.
      run.flow().release();
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

  private static SigningException late(VerificationException cause) {
    return new SigningException(
        "The services' answers came too late. " + cause.problem(),
        Remedy.of(
            "Set the clock of the machine that signs if it is wrong; otherwise try again when the"
                + " services answer faster, or ask less of them with %s and %s.",
            Setting.SIGNING_CONCURRENCY, Setting.SIGNING_RATE),
        cause);
  }

  private static Recorded complete(byte[] payload, Turn turn)
      throws SigningException, VerificationException {
    InstanceSigning instance = turn.instance();
    EphemeralKey.Certified key = turn.key();
    byte[] signature = key.sign(Envelope.pae(Envelope.PAYLOAD_TYPE, payload));
    Envelope envelope = new Envelope(Envelope.PAYLOAD_TYPE, payload, signature, "");
    List<SignedTimestamp> timestamps = TimestampClient.over(signature, instance.timestamps());
    X509Certificate certificate = key.certificate().orElseThrow();
    // Before the log is asked, since its entries stay.
    Optional<VerifiedTimestamp> verified = Optional.empty();
    for (SignedTimestamp timestamp : timestamps) {
      verified = Optional.of(instance.verified(timestamp, signature, certificate));
    }
    LogEntry entry =
        instance
            .log()
            .add(envelope, certificate, turn::isUsable)
            .orElseThrow(
                () ->
                    new VerificationException(
                        VerificationException.Kind.EXPIRED_CERTIFICATE,
                        "Less than a tenth of the time of the signer's certificate was left before"
                            + " the log was asked.",
                        Remedy.NONE,
                        null));
    return new Recorded(new Bundle(key.material(), envelope, timestamps, List.of(entry)), verified);
  }

  @Override
  public BundleVerifier ownVerifier(OmsBounds bounds) {
    return run.ownVerifier(bounds);
  }

  @Override
  public void close() {
    run.flow().leave(share);
    run.release();
  }
}
