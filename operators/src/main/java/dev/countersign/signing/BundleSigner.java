package dev.countersign.signing;

import dev.countersign.oms.Bundle;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.oms.Statement;
import java.util.List;
import java.util.Optional;

/** Makes signed bundles of manifests. Thread safe. */
public final class BundleSigner implements AutoCloseable {

  private final Signer signer;
  private final ShardAlgorithm shardAlgorithm;
  private final Optional<TimestampClient> timestamps;

  /**
   * Makes bundles.
   *
   * @param signer who signs; closed with this object
   * @param shardAlgorithm how a shard's algorithm is spelled; no matter for whole files
   * @param timestamps who says when, and is asked for each signature; closed with this object
   */
  public BundleSigner(
      Signer signer, ShardAlgorithm shardAlgorithm, Optional<TimestampClient> timestamps) {
    this.signer = signer;
    this.shardAlgorithm = shardAlgorithm;
    this.timestamps = timestamps;
  }

  /**
   * Returns the bundle that says that the signer vouches for the manifest. May wait for a network,
   * if there are timestamps.
   *
   * @throws SigningException if the signer cannot sign, or there is no timestamp to be had
   * @throws OmsException if the statement would be larger than an array can be
   */
  public Bundle sign(Manifest manifest) throws SigningException, OmsException {
    byte[] payload = Statement.write(manifest, shardAlgorithm);
    byte[] signature = signer.sign(Envelope.pae(Envelope.PAYLOAD_TYPE, payload));
    Envelope envelope = new Envelope(Envelope.PAYLOAD_TYPE, payload, signature, "");
    List<SignedTimestamp> timestamp =
        timestamps.isPresent()
            ? List.of(new SignedTimestamp(timestamps.get().timestamp(signature)))
            : List.of();
    return new Bundle(signer.material(), envelope, timestamp, List.of());
  }

  @Override
  public void close() {
    signer.close();
    timestamps.ifPresent(TimestampClient::close);
  }
}
