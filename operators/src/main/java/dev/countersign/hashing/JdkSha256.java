package dev.countersign.hashing;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;

/** SHA-256 (FIPS 180-4) by the JDK, which uses the processor's instructions for it. */
public final class JdkSha256 implements HashState {

  /** The kernel of these states. */
  public static final HashKernel KERNEL =
      new StreamKernel("sha256", "JDK SHA-256", 32, JdkSha256::new);

  private final MessageDigest hash;

  JdkSha256() {
    try {
      this.hash = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

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
