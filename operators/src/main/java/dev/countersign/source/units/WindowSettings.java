package dev.countersign.source.units;

import java.io.Serializable;

/**
 * How much is planned ahead, and how a model is cut into units.
 *
 * @param models how many models may be planned and not done; 0 for what fits the cluster
 * @param bytes how many bytes of serialized units may wait, about; 0 for what fits the cluster
 * @param planners how many models of a store are planned at once; 0 for what fits the store
 * @param unitBytes up to how many bytes small files are packed into one unit
 * @param unitRanges how many ranges one unit has at most
 * @param unitSerializedBytes how many bytes one serialized unit has at most, about; it travels in
 *     one RPC
 */
public record WindowSettings(
    int models, long bytes, int planners, long unitBytes, int unitRanges, int unitSerializedBytes)
    implements Serializable {

  private static final long MIB = 1L << 20;

  private static final int LEAST_MODELS = 1_000;

  private static final long LEAST_BYTES = 64 * MIB;

  /** How many times what readers take is planned ahead, so that no lane waits for a plan. */
  private static final int AHEAD = 4;

  /** Part of the heap for planned units: in memory, they take several times as much. */
  private static final int PART_OF_HEAP = 8;

  /** Refuses what is not positive. */
  public WindowSettings {
    if (models < 0 || bytes < 0 || planners < 0 || unitBytes < 1 || unitRanges < 1) {
      throw new IllegalArgumentException("window settings must be positive");
    }
    if (unitSerializedBytes < 1) {
      throw new IllegalArgumentException("a unit's serialized size must be positive");
    }
  }

  /** What fits the cluster; units of 64 MiB, 4,096 ranges, 1 MiB serialized. */
  public static WindowSettings defaults() {
    return new WindowSettings(0, 0, 0, 64 * MIB, 4_096, (int) MIB);
  }

  /**
   * Returns these settings for a cluster: models of one unit each keep all lanes busy, and so do
   * units of the largest size, as far as an eighth of the heap goes.
   *
   * @param units how many units one reader takes at a time
   */
  public WindowSettings fitting(int readers, long units) {
    long ahead = (long) AHEAD * readers * units;
    long heap = Runtime.getRuntime().maxMemory() / PART_OF_HEAP;
    return new WindowSettings(
        models > 0 ? models : (int) Math.min(Integer.MAX_VALUE, Math.max(LEAST_MODELS, ahead)),
        bytes > 0 ? bytes : Math.max(LEAST_BYTES, Math.min(ahead * unitSerializedBytes, heap)),
        planners,
        unitBytes,
        unitRanges,
        unitSerializedBytes);
  }
}
