package dev.countersign.hashing;

import org.bouncycastle.crypto.Digest;

/** Digests by Bouncy Castle, which kernels are compared with. */
final class BouncyCastle {

  private BouncyCastle() {}

  static byte[] digest(Digest algorithm, byte[] input) {
    algorithm.update(input, 0, input.length);
    byte[] digest = new byte[algorithm.getDigestSize()];
    algorithm.doFinal(digest, 0);
    return digest;
  }
}
