package dev.countersign.hashing;

import org.bouncycastle.crypto.digests.Blake3Digest;

/** BLAKE3 with a digest of 256 bits, in portable Java. */
final class Blake3Kernel implements HashKernel {

  private static final int DIGEST_LENGTH = 32;

  @Override
  public String algorithm() {
    return "blake3";
  }

  @Override
  public String description() {
    return "Bouncy Castle BLAKE3";
  }

  @Override
  public int digestLength() {
    return DIGEST_LENGTH;
  }

  @Override
  public HashState newState() {
    return new BouncyCastleState(new Blake3Digest(DIGEST_LENGTH * Byte.SIZE));
  }
}
