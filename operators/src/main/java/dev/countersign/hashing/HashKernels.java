package dev.countersign.hashing;

import java.util.List;

/** The kernels there are, one for each algorithm. */
public final class HashKernels {

  private static final List<HashKernel> KERNELS =
      List.of(new Sha256Kernel(), new Blake2bKernel(), new Blake3Kernel());

  private HashKernels() {}

  /**
   * Returns the kernel for an algorithm.
   *
   * @param algorithm the algorithm as OMS names it
   * @throws IllegalArgumentException if there is none
   */
  public static HashKernel forAlgorithm(String algorithm) {
    for (HashKernel kernel : KERNELS) {
      if (kernel.algorithm().equals(algorithm)) {
        return kernel;
      }
    }
    throw new IllegalArgumentException("no kernel for the hash algorithm " + algorithm);
  }

  /** Returns all kernels, one for each algorithm. */
  public static List<HashKernel> all() {
    return KERNELS;
  }
}
