package dev.countersign.hashing;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.Blake2bDigest;
import org.bouncycastle.crypto.digests.Blake3Digest;

/** The kernels there are, one for each algorithm. */
public final class HashKernels {

  /**
   * SHA-256 (FIPS 180-4) is the JDK's, which uses the processor's instructions for it. BLAKE2b (RFC
   * 7693) with a digest of 512 bits and BLAKE3 with one of 256 bits are portable Java.
   */
  private static final List<HashKernel> KERNELS =
      List.of(
          new HashKernel("sha256", "JDK SHA-256", 32, HashKernels::sha256),
          bouncyCastle("blake2b", "BLAKE2b", () -> new Blake2bDigest(512)),
          bouncyCastle("blake3", "BLAKE3", () -> new Blake3Digest(256)));

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

  private static HashKernel bouncyCastle(String algorithm, String name, Supplier<Digest> digests) {
    return new HashKernel(
        algorithm,
        "Bouncy Castle " + name,
        digests.get().getDigestSize(),
        () -> new BouncyCastleState(digests.get()));
  }

  private static HashState sha256() {
    try {
      return new JdkState(MessageDigest.getInstance("SHA-256"));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
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
    public byte[] digest() {
      return hash.digest();
    }
  }

  /** The state of one of Bouncy Castle's lightweight digests. */
  private record BouncyCastleState(Digest hash) implements HashState {
    @Override
    public void update(byte[] buffer, int offset, int length) {
      Objects.checkFromIndexSize(offset, length, buffer.length);
      hash.update(buffer, offset, length);
    }

    @Override
    public byte[] digest() {
      byte[] digest = new byte[hash.getDigestSize()];
      hash.doFinal(digest, 0);
      return digest;
    }
  }
}
