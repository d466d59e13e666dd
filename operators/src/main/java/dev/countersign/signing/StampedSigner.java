package dev.countersign.signing;

import dev.countersign.oms.Bundle;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.verification.BundleVerifier;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Signs envelopes with one signer, whose certificate never changes.
 *
 * @param signer who signs; closed with this object
 * @param timestamps asked for a timestamp over each signature; closed with this object
 */
public record StampedSigner(Signer signer, Optional<TimestampClient> timestamps)
    implements EnvelopeSigner {

  @Override
  public SignedBundle sign(byte[] payload, Consumer<Signatory> chosen) throws SigningException {
    chosen.accept(signer);
    byte[] signature = signer.sign(Envelope.pae(Envelope.PAYLOAD_TYPE, payload));
    List<SignedTimestamp> timestamp = TimestampClient.over(signature, timestamps);
    Envelope envelope = new Envelope(Envelope.PAYLOAD_TYPE, payload, signature, "");
    return new SignedBundle(
        new Bundle(signer.material(), envelope, timestamp, List.of()), Optional.empty());
  }

  @Override
  public BundleVerifier ownVerifier(OmsBounds bounds) {
    return signer.ownVerifier(bounds);
  }

  @Override
  public void close() {
    signer.close();
    timestamps.ifPresent(TimestampClient::close);
  }
}
