package dev.countersign.oms;

import java.io.Serializable;

/**
 * How much of everything a parser takes before it gives up; all of it is somebody else's input.
 *
 * @param maxBundleBytes greatest length of a bundle and of the payload in it, in bytes
 * @param maxResources greatest number of resources in a statement, and of its ignore paths
 * @param maxDepth greatest depth of nested JSON objects and arrays
 * @param maxNameBytes greatest length of a name, in bytes of UTF-8
 * @param maxCertificates greatest number of certificates in a chain
 */
public record OmsBounds(
    long maxBundleBytes, int maxResources, int maxDepth, int maxNameBytes, int maxCertificates)
    implements Serializable {

  private static final OmsBounds DEFAULTS =
      new OmsBounds(512L << 20, 2_000_000, 32, CanonicalName.DEFAULT_MAX_BYTES, 16);

  /**
   * Checks that every bound is positive.
   *
   * @throws IllegalArgumentException if one is not
   */
  public OmsBounds {
    if (maxBundleBytes < 1
        || maxResources < 1
        || maxDepth < 1
        || maxNameBytes < 1
        || maxCertificates < 1) {
      throw new IllegalArgumentException("every bound must be at least 1");
    }
  }

  /** Returns 512 MiB, 2,000,000 resources, depth 32, names of 4 KiB and 16 certificates. */
  public static OmsBounds defaults() {
    return DEFAULTS;
  }
}
