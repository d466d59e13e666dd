package dev.countersign.source.units;

import java.io.Serializable;

/**
 * How much is planned ahead, and how a model is cut into units.
 *
 * @param models how many models may be planned and not done
 * @param bytes how many bytes of serialized units may wait, about
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

  /** Refuses what is not positive. */
  public WindowSettings {
    if (models < 1 || bytes < 1 || planners < 0 || unitBytes < 1 || unitRanges < 1) {
      throw new IllegalArgumentException("window settings must be positive");
    }
    if (unitSerializedBytes < 1) {
      throw new IllegalArgumentException("a unit's serialized size must be positive");
    }
  }

  /** 1,000 models and 64 MiB ahead; units of 64 MiB, 4,096 ranges, 1 MiB serialized. */
  public static WindowSettings defaults() {
    return new WindowSettings(1_000, 64 * MIB, 0, 64 * MIB, 4_096, (int) MIB);
  }
}
