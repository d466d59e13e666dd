package dev.countersign.oms;

import java.io.Serializable;

/**
 * One entry of a manifest: a file, or a byte range of one, and the digest of its content.
 *
 * @param path the file, relative to the model's root
 * @param start first byte of the range, inclusive; 0 for a whole file
 * @param end end of the range, exclusive; {@link #WHOLE} for a whole file
 * @param digest digest of the content
 */
public record Resource(String path, long start, long end, Digest digest) implements Serializable {

  /** The {@link #end()} of a resource that is a whole file, however long. */
  public static final long WHOLE = -1;

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if it is empty, negative, or a whole file from the middle on
   */
  public Resource {
    boolean whole = start == 0 && end == WHOLE;
    if (!whole && (start < 0 || end <= start)) {
      throw new IllegalArgumentException("no byte range: " + start + " to " + end);
    }
  }

  /** Returns the resource that is a whole file. */
  public static Resource whole(String path, Digest digest) {
    return new Resource(path, 0, WHOLE, digest);
  }

  /** Returns whether this is a byte range, as serialization by shards lists them. */
  public boolean isShard() {
    return end != WHOLE;
  }

  /** Returns the name that statements list: {@code path}, or {@code path:start:end} of a shard. */
  public String name() {
    return isShard() ? path + ':' + start + ':' + end : path;
  }
}
