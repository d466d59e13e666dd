package dev.countersign.hashing;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;

/** SHA-256 (FIPS 180-4) as the JDK has it, which uses the processor's instructions for it. */
final class Sha256Kernel implements HashKernel {

  @Override
  public String algorithm() {
    return "sha256";
  }

  @Override
  public String description() {
    return "JDK SHA-256";
  }

  @Override
  public int digestLength() {
    return 32;
  }

  @Override
  public HashState newState() {
    try {
      return new State(MessageDigest.getInstance("SHA-256"));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private record State(MessageDigest hash) implements HashState {
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
}
