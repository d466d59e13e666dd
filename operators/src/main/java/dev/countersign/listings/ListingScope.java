package dev.countersign.listings;

import dev.countersign.oms.Sha256;
import dev.countersign.schemas.FileListing;
import dev.countersign.schemas.Operation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What must be the same in an earlier run, or none of a model's digests is taken over.
 *
 * @param model URI
 * @param operation what is done with the model
 * @param hashType OMS name of the hash algorithm
 * @param method serialization method
 * @param shardSize bytes in a shard; 0 under files
 * @param allowSymlinks whether links are followed
 * @param ignoreSet identifies the paths that are ignored, see {@link #ignoreSet}
 */
public record ListingScope(
    String model,
    Operation operation,
    String hashType,
    String method,
    long shardSize,
    boolean allowSymlinks,
    String ignoreSet) {

  static ListingScope of(FileListing listing) {
    return new ListingScope(
        listing.getModel(),
        listing.getOperation(),
        listing.getHashType(),
        listing.getMethod(),
        listing.getShardSize(),
        listing.getAllowSymlinks(),
        listing.getIgnoreSet());
  }

  /**
   * Returns what identifies sets of ignored paths: SHA-256 in lower-case hexadecimal. Each path and
   * each set goes in with its length in front, so that no others look alike.
   *
   * @param sets as rules record them, in their order
   */
  @SafeVarargs
  public static String ignoreSet(List<String>... sets) {
    StringBuilder canonical = new StringBuilder();
    for (List<String> paths : sets) {
      canonical.append(paths.size()).append('\n');
      for (String path : paths) {
        canonical.append(path.length()).append(' ').append(path).append('\n');
      }
    }
    return Sha256.hex(canonical.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** A hash over all fields, to find records by; two scopes may share one. */
  long key() {
    String all =
        String.join(
            "\u0000",
            model,
            operation.name(),
            hashType,
            method,
            Long.toString(shardSize),
            Boolean.toString(allowSymlinks),
            ignoreSet);
    return ByteBuffer.wrap(Sha256.digest(all.getBytes(StandardCharsets.UTF_8))).getLong();
  }
}
