package dev.countersign.oms;

import java.util.Arrays;
import java.util.Optional;

/** A hash algorithm that OMS 1.0 registers for the content of a model. */
public enum HashAlgorithm {
  /** SHA-256 (FIPS 180-4), the default. */
  SHA256("sha256", 32),
  /** BLAKE2b with a digest of 512 bits (RFC 7693). */
  BLAKE2B("blake2b", 64),
  /** BLAKE3 with a digest of 256 bits. */
  BLAKE3("blake3", 32);

  private final String omsName;
  private final int digestLength;

  HashAlgorithm(String omsName, int digestLength) {
    this.omsName = omsName;
    this.digestLength = digestLength;
  }

  /** Returns the name under which statements record the algorithm. */
  public String omsName() {
    return omsName;
  }

  /** Returns the length of a digest, in bytes. */
  public int digestLength() {
    return digestLength;
  }

  /**
   * Returns the algorithm that statements record as {@code omsName}, or empty if there is none.
   * Case counts.
   */
  public static Optional<HashAlgorithm> named(String omsName) {
    return Arrays.stream(values())
        .filter(algorithm -> algorithm.omsName.equals(omsName))
        .findFirst();
  }
}
