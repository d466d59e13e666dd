package dev.countersign.verification.sigstore;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.PublicKeyFile;
import dev.sigstore.trustroot.ImmutableTransparencyLog;
import dev.sigstore.trustroot.TransparencyLog;
import dev.sigstore.trustroot.ValidFor;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Key of a log that the JDK parses. To parse one, sigstore-java registers Bouncy Castle as a
 * provider of the whole JVM. On a session cluster that would keep the class loader of the first job
 * in memory, and later jobs would get classes from a loader that is closed.
 */
final class LogKey extends dev.sigstore.trustroot.PublicKey {

  private final dev.sigstore.trustroot.PublicKey listed;

  private volatile @Nullable PublicKey parsed;

  private LogKey(dev.sigstore.trustroot.PublicKey listed) {
    this.listed = listed;
  }

  /** Returns the same logs, with keys that the JDK parses. */
  static List<TransparencyLog> in(List<TransparencyLog> logs) {
    return logs.stream()
        .<TransparencyLog>map(
            log ->
                ImmutableTransparencyLog.copyOf(log).withPublicKey(new LogKey(log.getPublicKey())))
        .toList();
  }

  @Override
  public byte[] getRawBytes() {
    return listed.getRawBytes();
  }

  @Override
  public String getKeyDetails() {
    return listed.getKeyDetails();
  }

  @Override
  public ValidFor getValidFor() {
    return listed.getValidFor();
  }

  @Override
  public PublicKey toJavaPublicKey() throws NoSuchAlgorithmException, InvalidKeySpecException {
    PublicKey known = parsed;
    if (known == null) {
      known = parse();
      parsed = known;
    }
    return known;
  }

  private PublicKey parse() throws NoSuchAlgorithmException, InvalidKeySpecException {
    String details = getKeyDetails();
    if (details.equals("PKIX_ECDSA_P256_SHA_256")) {
      return key("EC", getRawBytes());
    }
    if (details.startsWith("PKIX_RSA")) {
      return key("RSA", getRawBytes());
    }
    if (details.equals("PKCS1_RSA_PKCS1V5")) {
      return rsa(getRawBytes());
    }
    if (details.equals("PKIX_ED25519")) {
      return key("Ed25519", getRawBytes());
    }
    throw new InvalidKeySpecException("Unsupported key algorithm: " + details);
  }

  private static PublicKey key(String algorithm, byte[] der)
      throws NoSuchAlgorithmException, InvalidKeySpecException {
    return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(der));
  }

  private static PublicKey rsa(byte[] pkcs1) throws InvalidKeySpecException {
    String pem =
        "-----BEGIN RSA PUBLIC KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(pkcs1)
            + "\n-----END RSA PUBLIC KEY-----\n";
    try {
      return PublicKeyFile.read(pem.getBytes(StandardCharsets.US_ASCII), "the trusted root");
    } catch (KeyFormatException e) {
      throw new InvalidKeySpecException(e.getMessage(), e);
    }
  }
}
