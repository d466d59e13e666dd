package dev.countersign.hashing;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/** The kernels there are, one for each algorithm. */
public final class HashKernels {

  /**
   * SHA-256 (FIPS 180-4) is the JDK's, which uses the processor's instructions for it. BLAKE2b (RFC
   * 7693) has a digest of 512 bits, BLAKE3 one of 256 bits.
   */
  private static final List<HashKernel> KERNELS =
      List.of(
          new StreamKernel("sha256", "JDK SHA-256", 32, HashKernels::sha256),
          new StreamKernel(
              "blake2b", "portable BLAKE2b", Blake2bState.DIGEST_BYTES, Blake2bState::new),
          new Blake3Kernel("portable BLAKE3", PortableBlake3::new));

  private HashKernels() {}

  /**
   * Returns the kernel for an algorithm.
   *
   * @param algorithm the algorithm as OMS names it
   * @throws IllegalArgumentException if there is none
   */
  public static HashKernel forAlgorithm(String algorithm) {
    return KERNELS.stream()
        .filter(kernel -> kernel.algorithm().equals(algorithm))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("no kernel for the hash algorithm " + algorithm));
  }

  /** Returns all kernels, one for each algorithm. */
  public static List<HashKernel> all() {
    return KERNELS;
  }

  private static HashState sha256() {
    try {
      return new JdkState(MessageDigest.getInstance("SHA-256"));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** A kernel that is no more than its states. */
  private record StreamKernel(
      String algorithm, String description, int digestLength, Supplier<HashState> states)
      implements HashKernel {
    @Override
    public HashState newState() {
      return states.get();
    }
  }

  /** The state of one of the JDK's digests. */
  private record JdkState(MessageDigest hash) implements HashState {
    @Override
    public void update(byte[] buffer, int offset, int length) {
      Objects.checkFromIndexSize(offset, length, buffer.length);
      hash.update(buffer, offset, length);
    }

    @Override
    public void update(ByteBuffer buffer) {
      hash.update(buffer);
    }

    @Override
    public byte[] digest() {
      return hash.digest();
    }
  }
}
