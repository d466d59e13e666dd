package dev.countersign.signing;

import dev.countersign.oms.Bundle;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.oms.Statement;
import dev.countersign.verification.BundleVerifier;
import java.util.Optional;
import java.util.function.Consumer;

/** Makes signed bundles of manifests. Thread safe. */
public final class BundleSigner implements AutoCloseable {

  private final EnvelopeSigner envelopes;
  private final ShardAlgorithm shardAlgorithm;

  /**
   * Makes bundles.
   *
   * @param envelopes signs statements; closed with this object
   * @param shardAlgorithm how a shard's algorithm is spelled; no matter for whole files
   */
  public BundleSigner(EnvelopeSigner envelopes, ShardAlgorithm shardAlgorithm) {
    this.envelopes = envelopes;
    this.shardAlgorithm = shardAlgorithm;
  }

  /** Makes bundles that one signer signs, with timestamps if there is an authority to ask. */
  public BundleSigner(
      Signer signer, ShardAlgorithm shardAlgorithm, Optional<TimestampClient> timestamps) {
    this(new StampedSigner(signer, timestamps), shardAlgorithm);
  }

  /**
   * Returns the bundle that says that the signer vouches for the manifest. May wait for services.
   *
   * @throws SigningException if the signer cannot sign, or a service does not do its part
   * @throws OmsException if the statement would be larger than an array can be
   */
  public Bundle sign(Manifest manifest) throws SigningException, OmsException {
    return sign(manifest, signatory -> {}).bundle();
  }

  /**
   * As {@link #sign(Manifest)}.
   *
   * @param chosen called with whoever is about to sign; more than once if another certificate is
   *     needed after all
   */
  public SignedBundle sign(Manifest manifest, Consumer<Signatory> chosen)
      throws SigningException, OmsException {
    return envelopes.sign(Statement.write(manifest, shardAlgorithm), chosen);
  }

  /** Returns a verifier that trusts this signer and nobody else. */
  public BundleVerifier ownVerifier(OmsBounds bounds) {
    return envelopes.ownVerifier(bounds);
  }

  @Override
  public void close() {
    envelopes.close();
  }
}
