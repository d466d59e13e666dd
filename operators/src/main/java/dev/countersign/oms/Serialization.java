package dev.countersign.oms;

import java.io.Serializable;
import java.util.List;

/**
 * How a model was enumerated and hashed; a statement records it for verifiers to do the same.
 *
 * @param method how the model was cut into resources
 * @param hash the algorithm of every resource's digest
 * @param allowSymlinks whether links were followed
 * @param ignorePaths what was left out, each path with all below it
 * @param shardSize greatest length of a shard in bytes; 0 under {@link SerializationMethod#FILES}
 * @param ignorePathsRecorded whether the statement has a list of ignored paths at all; older
 *     clients left it out. If not, {@code ignorePaths} is empty
 */
public record Serialization(
    SerializationMethod method,
    HashAlgorithm hash,
    boolean allowSymlinks,
    List<String> ignorePaths,
    long shardSize,
    boolean ignorePathsRecorded)
    implements Serializable {

  /** The shard size of both known clients, in bytes. */
  public static final long DEFAULT_SHARD_SIZE = 1_000_000_000L;

  /**
   * Checks that the parts fit together.
   *
   * @throws IllegalArgumentException if there is a shard size without shards or the other way
   *     round, or ignored paths that are not recorded
   */
  public Serialization {
    ignorePaths = List.copyOf(ignorePaths);
    if (method == SerializationMethod.SHARDS ? shardSize <= 0 : shardSize != 0) {
      throw new IllegalArgumentException(
          "a shard size of " + shardSize + " does not go with " + method);
    }
    if (!ignorePathsRecorded && !ignorePaths.isEmpty()) {
      throw new IllegalArgumentException("there are ignored paths, so they are recorded");
    }
  }

  /** Returns a serialization by whole files, without links, that ignores nothing. */
  public static Serialization files(HashAlgorithm hash) {
    return new Serialization(SerializationMethod.FILES, hash, false, List.of(), 0, true);
  }

  /** Returns a serialization by shards of {@code size} bytes, without links, ignoring nothing. */
  public static Serialization shards(HashAlgorithm hash, long size) {
    return new Serialization(SerializationMethod.SHARDS, hash, false, List.of(), size, true);
  }

  /** Returns this serialization, but with {@code paths} recorded as ignored. */
  public Serialization withIgnorePaths(List<String> paths) {
    return new Serialization(method, hash, allowSymlinks, paths, shardSize, true);
  }

  /** Returns this serialization, but with links followed or not. */
  public Serialization withAllowSymlinks(boolean allow) {
    return new Serialization(method, hash, allow, ignorePaths, shardSize, ignorePathsRecorded);
  }
}
