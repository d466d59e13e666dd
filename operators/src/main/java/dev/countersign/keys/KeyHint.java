package dev.countersign.keys;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.util.HexFormat;

/**
 * The name of a public key within a bundle (OMS, {@code publicKey.hint}): SHA-256, in lower-case
 * hex, of the key's PEM text as OpenSSL writes it, so that {@code openssl pkey -pubin -in FILE |
 * sha256sum} prints the same. It is made of the key, not of the bytes of whatever file held it.
 */
public final class KeyHint {

  private KeyHint() {}

  /** Returns the hint of a key: 64 characters. */
  public static String of(PublicKey key) {
    byte[] pem = PublicKeyFile.pem(key).getBytes(StandardCharsets.US_ASCII);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(pem));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This JVM has no SHA-256", e);
    }
  }
}
