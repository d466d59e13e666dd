package dev.countersign.hashing;

import org.bouncycastle.crypto.digests.Blake2bDigest;

/** BLAKE2b (RFC 7693) with a digest of 512 bits, in portable Java. */
final class Blake2bKernel implements HashKernel {

  private static final int DIGEST_LENGTH = 64;

  @Override
  public String algorithm() {
    return "blake2b";
  }

  @Override
  public String description() {
    return "Bouncy Castle BLAKE2b";
  }

  @Override
  public int digestLength() {
    return DIGEST_LENGTH;
  }

  @Override
  public HashState newState() {
    return new BouncyCastleState(new Blake2bDigest(DIGEST_LENGTH * Byte.SIZE));
  }
}
