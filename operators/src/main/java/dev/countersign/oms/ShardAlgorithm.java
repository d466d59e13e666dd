package dev.countersign.oms;

/**
 * How the {@code algorithm} of a shard is written.
 *
 * <p>The schema of OMS 1.0 allows the bare name of the hash algorithm only, while both known
 * clients write the shard size into it and the reference client refuses anything else. Readers
 * accept both.
 */
public enum ShardAlgorithm {
  /** As the clients do: {@code sha256-sharded-1000000000}. */
  CLIENT,
  /** As the schema wants it: {@code sha256}. */
  SPEC;

  private static final String INFIX = "-sharded-";

  /** Returns what a shard of this serialization states as its algorithm. */
  String written(Serialization serialization) {
    String hash = serialization.hash().omsName();
    return this == SPEC ? hash : hash + INFIX + serialization.shardSize();
  }

  /**
   * Returns which hash algorithm a shard has whose algorithm is written in either way; another size
   * than {@code shardSize} bytes stays part of the name, and so makes it unknown.
   */
  static String hashName(String written, long shardSize) {
    String suffix = INFIX + shardSize;
    return written.endsWith(suffix)
        ? written.substring(0, written.length() - suffix.length())
        : written;
  }
}
