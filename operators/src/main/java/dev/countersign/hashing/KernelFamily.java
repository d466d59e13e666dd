package dev.countersign.hashing;

import java.util.List;

/** Kernels that are found by name, since they need what is not in every JVM. */
public interface KernelFamily {

  /** Returns the kernels that this machine can run, at most one for each algorithm. */
  List<HashKernel> kernels();
}
