package dev.countersign.source.reading;

import dev.countersign.hashing.KernelChoice;
import java.io.Serializable;
import java.time.Duration;

/**
 * How a reader reads.
 *
 * @param lanes how many units one reader hashes at the same time, each on a thread of its own
 * @param depth how many small files in remote stores one reader reads at the same time
 * @param bufferBytes bytes in one buffer; a lane has two
 * @param stallTimeout how long a read may bring no byte before the attempt fails
 * @param allowsLfsPointers whether Git LFS pointers may be signed, rather than fail their model
 * @param kernels what hashes
 * @param ranges how large ranges are read from stores that answer each part with a request
 * @param bytesPerSecond how much all readers of a run read in a second; 0 for no limit
 */
public record ReadSettings(
    int lanes,
    int depth,
    int bufferBytes,
    Duration stallTimeout,
    boolean allowsLfsPointers,
    KernelChoice kernels,
    RangeSettings ranges,
    long bytesPerSecond)
    implements Serializable {

  /** Reads ranges as by default, and without a limit. */
  public ReadSettings(
      int lanes,
      int depth,
      int bufferBytes,
      Duration stallTimeout,
      boolean allowsLfsPointers,
      KernelChoice kernels) {
    this(
        lanes,
        depth,
        bufferBytes,
        stallTimeout,
        allowsLfsPointers,
        kernels,
        RangeSettings.defaults(),
        0);
  }

  /** Refuses what is not positive. */
  public ReadSettings {
    if (lanes < 1
        || depth < 1
        || bufferBytes < 1
        || bytesPerSecond < 0
        || stallTimeout.isNegative()
        || stallTimeout.isZero()) {
      throw new IllegalArgumentException("read settings must be positive");
    }
  }

  /** These settings with other ones of ranges. */
  public ReadSettings with(RangeSettings other) {
    return new ReadSettings(
        lanes, depth, bufferBytes, stallTimeout, allowsLfsPointers, kernels, other, bytesPerSecond);
  }

  /**
   * Two lanes, 16 files, buffers of 1 MiB, five minutes; Git LFS pointers are not signed, and the
   * fastest kernels hash.
   */
  public static ReadSettings defaults() {
    return new ReadSettings(2, 16, 1 << 20, Duration.ofMinutes(5), false, KernelChoice.AUTO);
  }
}
