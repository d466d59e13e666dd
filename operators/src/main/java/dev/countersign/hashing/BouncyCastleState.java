package dev.countersign.hashing;

import java.util.Objects;
import org.bouncycastle.crypto.Digest;

/** The state of one of Bouncy Castle's lightweight digests. */
record BouncyCastleState(Digest hash) implements HashState {

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
