package dev.countersign.stage;

import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.signing.SigningSettings;
import dev.countersign.signing.SigstoreSigningSettings;
import dev.countersign.signing.TimestampSettings;
import dev.countersign.source.planning.ExistingBundle;
import java.io.Serializable;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * How models are signed. Names places of secrets, never a secret.
 *
 * @param signing who signs, and where the key lies
 * @param timestamps who is asked for timestamps; null if nobody is
 * @param shardAlgorithm how a shard's algorithm is spelled
 * @param existingBundle what to do with a bundle that is there already
 * @param bounds what such a bundle may not exceed to be looked at
 * @param keepPrevious URI of the folder that keeps bundles which are replaced; empty for none
 */
public record SignSettings(
    SigningSettings signing,
    @Nullable TimestampSettings timestamps,
    ShardAlgorithm shardAlgorithm,
    ExistingBundle existingBundle,
    OmsBounds bounds,
    String keepPrevious)
    implements Serializable {

  /**
   * Returns how many signatures may be in progress at a time in the whole run; empty if there is no
   * such limit.
   */
  public OptionalInt concurrency() {
    return signing instanceof SigstoreSigningSettings sigstore
        ? OptionalInt.of(sigstore.limits().concurrency())
        : OptionalInt.empty();
  }
}
