package dev.countersign.signing;

import dev.countersign.oms.Bundle;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.oms.Statement;

/** Makes a signed bundle of a manifest. */
public final class BundleSigner {

  private BundleSigner() {}

  /**
   * Returns the bundle that says that the signer vouches for the manifest.
   *
   * @param manifest what is signed
   * @param shardAlgorithm how a shard's algorithm is spelled; no matter for whole files
   * @param signer who signs; called once, on this thread
   * @throws SigningException if the signer cannot sign
   * @throws OmsException if the statement would be larger than an array can be
   */
  public static Bundle sign(Manifest manifest, ShardAlgorithm shardAlgorithm, Signer signer)
      throws SigningException, OmsException {
    byte[] payload = Statement.write(manifest, shardAlgorithm);
    byte[] signature = signer.sign(Envelope.pae(Envelope.PAYLOAD_TYPE, payload));
    return new Bundle(
        signer.material(), new Envelope(Envelope.PAYLOAD_TYPE, payload, signature, ""));
  }
}
