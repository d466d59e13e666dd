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
 */
public record ReadSettings(
    int lanes,
    int depth,
    int bufferBytes,
    Duration stallTimeout,
    boolean allowsLfsPointers,
    KernelChoice kernels)
    implements Serializable {

  /** Refuses what is not positive. */
  public ReadSettings {
    if (lanes < 1
        || depth < 1
        || bufferBytes < 1
        || stallTimeout.isNegative()
        || stallTimeout.isZero()) {
      throw new IllegalArgumentException("read settings must be positive");
    }
  }

  /**
   * Two lanes, 16 files, buffers of 1 MiB, five minutes; Git LFS pointers are not signed, and the
   * fastest kernels hash.
   */
  public static ReadSettings defaults() {
    return new ReadSettings(2, 16, 1 << 20, Duration.ofMinutes(5), false, KernelChoice.AUTO);
  }
}
