package dev.countersign.hashing;

/** Which kernels hash. An algorithm without such a kernel gets the next one of this list. */
public enum KernelChoice {
  /** The fastest one, which is measured once for each machine and JDK. */
  AUTO,
  /** Those that use the Vector API, if the JVM runs with its module. */
  VECTOR,
  /** Those of the JDK. */
  JDK,
  /** Portable Java of this project. */
  PORTABLE
}
