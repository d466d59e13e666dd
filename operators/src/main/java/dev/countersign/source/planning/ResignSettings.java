package dev.countersign.source.planning;

import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.verification.VerificationSettings;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What signing again changes; all else carries over from the bundle that is verified.
 *
 * @param own recognizes this run's signer, and nobody else
 * @param hash the hash algorithm; null for that of each bundle
 * @param method how models are cut; null for the way of each bundle
 * @param shardSize greatest length of a shard in bytes; 0 for that of each bundle
 * @param trustsPreviousDigests whether models are signed for the digests that their bundles state,
 *     without reading them, where the policy's rule allows that
 * @param signsUnsigned whether models without a bundle are signed for the first time, where the
 *     policy's rule allows that; otherwise they stay as they are
 */
public record ResignSettings(
    VerificationSettings own,
    @Nullable HashAlgorithm hash,
    @Nullable SerializationMethod method,
    long shardSize,
    boolean trustsPreviousDigests,
    boolean signsUnsigned)
    implements Serializable {

  /** What a result says of a model that was signed again unread. */
  public static final String CONTENT_NOT_READ = "content not read";

  /** What a result says of a model that had no bundle, so that nobody vouched for its content. */
  public static final String SIGN_UNSIGNED = "sign-unsigned";

  /**
   * Checks that the parts fit together.
   *
   * @throws IllegalArgumentException if another hash or cut is wanted of content that is not read
   */
  public ResignSettings {
    if (trustsPreviousDigests && (hash != null || method != null || shardSize != 0)) {
      throw new IllegalArgumentException("other digests cannot be had without reading the content");
    }
    if (shardSize < 0 || (shardSize > 0 && method != SerializationMethod.SHARDS)) {
      throw new IllegalArgumentException("a shard size needs shards");
    }
  }

  /**
   * Returns how a model is hashed and cut whose bundle says {@code signed}; the rest carries over.
   */
  Serialization target(Serialization signed) {
    HashAlgorithm newHash = hash == null ? signed.hash() : hash;
    SerializationMethod newMethod = method == null ? signed.method() : method;
    Serialization target =
        newMethod == SerializationMethod.FILES
            ? Serialization.files(newHash)
            : Serialization.shards(newHash, newShardSize(signed));
    return target.withAllowSymlinks(signed.allowSymlinks()).withIgnorePaths(signed.ignorePaths());
  }

  private long newShardSize(Serialization signed) {
    if (shardSize > 0) {
      return shardSize;
    }
    return signed.shardSize() > 0 ? signed.shardSize() : Serialization.DEFAULT_SHARD_SIZE;
  }
}
