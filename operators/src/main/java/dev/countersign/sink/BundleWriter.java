package dev.countersign.sink;

import dev.countersign.oms.Envelope;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.source.ModelFailure;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.VerificationException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Writes bundles so that each is complete before it appears, and once: a bundle of the same payload
 * that this run's signer validly signed is this run's own from before a crash, and is kept.
 */
public final class BundleWriter {

  /** How much longer another signature over the same payload can make a bundle, amply. */
  private static final long MAX_LONGER_BYTES = 1 << 20;

  private final BundleVerifier ownVerifier;
  private final OmsBounds bounds;
  private final boolean replaces;

  /**
   * A writer.
   *
   * @param ownVerifier accepts this run's signer only
   * @param bounds what an existing bundle may not exceed to be recognized
   * @param replaces whether another's bundle may be replaced
   */
  public BundleWriter(BundleVerifier ownVerifier, OmsBounds bounds, boolean replaces) {
    this.ownVerifier = ownVerifier;
    this.bounds = bounds;
    this.replaces = replaces;
  }

  /**
   * Writes a bundle, or keeps the one that is there.
   *
   * @param uri where it goes
   * @param bundle its bytes
   * @param envelope what it holds
   * @return SHA-256 of the bundle that lies at {@code uri} now, lower-case hexadecimal
   * @throws ModelFailure if another's bundle is there and must not be replaced
   */
  public String write(String uri, byte[] bundle, Envelope envelope)
      throws StorageException, ModelFailure {
    ModelStorage storage = Storages.forUri(uri);
    if (storage.stat(uri).isPresent()) {
      byte[] kept = own(storage, uri, bundle.length, envelope.payload());
      if (kept != null) {
        return sha256(kept);
      }
      if (!replaces) {
        throw ModelFailure.bundleExists(uri);
      }
    }
    storage.writeAtomically(uri, bundle);
    return sha256(bundle);
  }

  /** One that holds the same payload is about as long, so what is much longer is not read. */
  private byte @Nullable [] own(ModelStorage storage, String uri, int length, byte[] payload) {
    try {
      byte[] present =
          storage.readFully(uri, Math.min(bounds.maxBundleBytes(), length + MAX_LONGER_BYTES));
      return Arrays.equals(ownVerifier.verify(present).payload(), payload) ? present : null;
    } catch (StorageException | OmsException | VerificationException e) {
      // Unreadable, malformed or another's: in no case ours.
      return null;
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
