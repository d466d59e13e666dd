package dev.countersign.verification;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.keys.KeyFixtures;
import dev.countersign.keys.PrivateKeyFile;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forgeries against PKCS#1 v1.5: blocks that a lax verifier takes for signatures. */
final class RsaKeyTest {

  private static final byte[] MESSAGE = "message".getBytes(UTF_8);
  private static final int BYTES = 256;
  private static final KeyPair PAIR = pair("test-only-rsa2048-pkcs8.pem");
  private static final KeyPair EXPONENT_THREE = pair("test-only-rsa2048-exponent-3.pem");

  /** DigestInfo of SHA-256, up to the digest (RFC 8017, section 9.2, note 1). */
  private static final String SHA_256 = "3031300d060960864801650304020105000420";

  @Test
  void verifies_blockThatASignerMakes_isTrue() throws Exception {
    byte[] signature = sign(block("0001", BYTES - 3 - 51, "00", SHA_256, ""));

    assertThat(signature).isEqualTo(signedByTheJdk(PAIR));
    assertThat(verifies(PAIR, signature)).isTrue();
  }

  @Test
  void verifies_otherLength_isFalse() throws Exception {
    byte[] good = signedByTheJdk(PAIR);
    byte[] zeroInFront = new byte[BYTES + 1];
    System.arraycopy(good, 0, zeroInFront, 1, BYTES);

    assertThat(verifies(PAIR, zeroInFront)).as("a zero in front").isFalse();
    assertThat(verifies(PAIR, Arrays.copyOf(good, BYTES + 1))).as("a zero after it").isFalse();
    assertThat(verifies(PAIR, Arrays.copyOf(good, BYTES - 1))).as("cut off").isFalse();
    assertThat(verifies(PAIR, new byte[0])).as("none").isFalse();
  }

  @Test
  void verifies_leadingZeroLeftOut_isFalse() throws Exception {
    // Every 256th signature begins with a zero.
    for (int i = 0; ; i++) {
      byte[] message = ("message " + i).getBytes(UTF_8);
      byte[] signature = sign(block("0001", BYTES - 3 - 51, "00", SHA_256, "", message));
      if (signature[0] == 0) {
        byte[] stripped = Arrays.copyOfRange(signature, 1, BYTES);

        assertThat(verifies(PAIR, message, signature)).isTrue();
        assertThat(verifies(PAIR, message, stripped)).isFalse();
        return;
      }
    }
  }

  @Test
  void verifies_numberAboveTheModulus_isFalse() throws Exception {
    BigInteger modulus = ((RSAPublicKey) PAIR.getPublic()).getModulus();
    BigInteger limit = BigInteger.ONE.shiftLeft(BYTES * Byte.SIZE);
    for (int i = 0; ; i++) {
      byte[] message = ("message " + i).getBytes(UTF_8);
      byte[] signature = sign(block("0001", BYTES - 3 - 51, "00", SHA_256, "", message));
      BigInteger above = new BigInteger(1, signature).add(modulus);
      if (above.compareTo(limit) < 0) {
        assertThat(verifies(PAIR, message, signature)).isTrue();
        assertThat(verifies(PAIR, message, bytes(above))).isFalse();
        return;
      }
    }
  }

  @Test
  void verifies_zeroAndItsNeighbours_isFalse() {
    BigInteger modulus = ((RSAPublicKey) PAIR.getPublic()).getModulus();

    assertThat(verifies(PAIR, new byte[BYTES])).as("0").isFalse();
    assertThat(verifies(PAIR, bytes(BigInteger.ONE))).as("1").isFalse();
    assertThat(verifies(PAIR, bytes(modulus.subtract(BigInteger.ONE)))).as("-1").isFalse();
    assertThat(verifies(PAIR, bytes(modulus))).as("the modulus").isFalse();
  }

  /** Each with the right digest at its end, and signed with the private key. */
  @Test
  void verifies_malformedBlocks_isFalse() throws Exception {
    int padding = BYTES - 3 - 51;
    byte[] gap = block("0001", padding, "00", SHA_256, "");
    gap[100] = (byte) 0xfe;
    byte[] zeroWithin = block("0001", padding, "00", SHA_256, "");
    zeroWithin[100] = 0;

    assertThat(verifies(PAIR, sign(gap))).as("padding with a gap").isFalse();
    assertThat(verifies(PAIR, sign(zeroWithin))).as("padding that ends early").isFalse();
    assertThat(verifies(PAIR, sign(block("0002", padding, "00", SHA_256, ""))))
        .as("the type of encryption")
        .isFalse();
    assertThat(verifies(PAIR, sign(block("0000", padding, "00", SHA_256, ""))))
        .as("type zero")
        .isFalse();
    assertThat(verifies(PAIR, sign(block("0001", padding, "ff", SHA_256, ""))))
        .as("no separator")
        .isFalse();
    assertThat(verifies(PAIR, sign(block("0001", 8, "00", SHA_256, "00".repeat(padding - 8)))))
        .as("zeros after the digest")
        .isFalse();
  }

  /** The same digest under other spellings of its algorithm. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "302f300b0609608648016503040201" + "0420", // NULL left out
        "308131300d060960864801650304020105000420", // a longer length than needed
        "3031300d06096086480165030402010500" + "2420", // constructed
        "3031300d060960864801650304020205000420", // SHA-384, of the wrong length
        "3031300d060960864801650304020105010420", // NULL with a length
        "3035301106096086480165030402010504" + "040000000420", // parameters instead of NULL
        "3030300c06086086480165030402010500" + "0420", // a shorter identifier
        "", // the digest alone
      })
  void verifies_otherSpellingsOfTheDigest_isFalse(String prefix) throws Exception {
    int padding = BYTES - 3 - 32 - prefix.length() / 2;

    assertThat(verifies(PAIR, sign(block("0001", padding, "00", prefix, "")))).isFalse();
  }

  @Test
  void verifies_signatureUnderExponentThree_isTrue() throws Exception {
    assertThat(verifies(EXPONENT_THREE, signedByTheJdk(EXPONENT_THREE))).isTrue();
  }

  /**
   * A cube whose first bytes are a signer's block with the least padding: what is left of it is
   * garbage, which a verifier that does not look at the end never sees. No private key is needed.
   */
  @Test
  void verifies_cubeWithGarbageAtItsEnd_isFalse() throws Exception {
    byte[] wanted = block("0001", 8, "00", SHA_256, "00".repeat(BYTES - 3 - 51 - 8));
    BigInteger root = cubeRoot(new BigInteger(1, wanted)).add(BigInteger.ONE);

    byte[] cube = bytes(root.pow(3));

    assertThat(Arrays.copyOf(cube, 3 + 8 + 51)).isEqualTo(Arrays.copyOf(wanted, 3 + 8 + 51));
    assertThat(verifies(EXPONENT_THREE, bytes(root))).isFalse();
  }

  @Test
  void of_numbersOutsideTheLimits_isEmpty() throws Exception {
    BigInteger modulus = ((RSAPublicKey) PAIR.getPublic()).getModulus();
    BigInteger exponent = BigInteger.valueOf(65537);

    assertThat(RsaKey.of(key(modulus, exponent))).isPresent();
    assertThat(RsaKey.of(key(modulus.shiftRight(1), exponent))).as("2047 bits").isEmpty();
    assertThat(RsaKey.of(key(modulus.subtract(BigInteger.ONE), exponent))).as("even").isEmpty();
    assertThat(RsaKey.of(key(modulus.setBit(4096), exponent))).as("4097 bits").isEmpty();
    assertThat(RsaKey.of(key(modulus, BigInteger.ONE.shiftLeft(32).setBit(0))))
        .as("an exponent of 33 bits")
        .isEmpty();
    assertThat(RsaKey.of(key(modulus, BigInteger.valueOf(65536)))).as("even exponent").isEmpty();
  }

  private static RSAPublicKey key(BigInteger modulus, BigInteger exponent) throws Exception {
    return (RSAPublicKey)
        KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent));
  }

  private static boolean verifies(KeyPair pair, byte[] signature) {
    return verifies(pair, MESSAGE, signature);
  }

  private static boolean verifies(KeyPair pair, byte[] message, byte[] signature) {
    return RsaKey.of((RSAPublicKey) pair.getPublic())
        .orElseThrow()
        .verifies(SignedMessage.of(message), signature);
  }

  private static byte[] block(
      String start, int padding, String separator, String prefix, String garbage) throws Exception {
    return block(start, padding, separator, prefix, garbage, MESSAGE);
  }

  private static byte[] block(
      String start, int padding, String separator, String prefix, String garbage, byte[] message)
      throws Exception {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.write(HexFormat.of().parseHex(start + "ff".repeat(padding) + separator + prefix));
    block.write(MessageDigest.getInstance("SHA-256").digest(message));
    block.write(HexFormat.of().parseHex(garbage));
    assertThat(block.size()).isEqualTo(BYTES);
    return block.toByteArray();
  }

  private static byte[] sign(byte[] block) {
    RSAPrivateKey key = (RSAPrivateKey) PAIR.getPrivate();
    return bytes(new BigInteger(1, block).modPow(key.getPrivateExponent(), key.getModulus()));
  }

  private static byte[] signedByTheJdk(KeyPair pair) throws Exception {
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(pair.getPrivate());
    signature.update(MESSAGE);
    return signature.sign();
  }

  private static byte[] bytes(BigInteger number) {
    byte[] bytes = number.toByteArray();
    byte[] fixed = new byte[BYTES];
    int length = Math.min(bytes.length, BYTES);
    System.arraycopy(bytes, bytes.length - length, fixed, BYTES - length, length);
    return fixed;
  }

  /** Returns the greatest number whose cube is not above. */
  private static BigInteger cubeRoot(BigInteger cube) {
    BigInteger root = BigInteger.ZERO;
    for (int bit = cube.bitLength() / 3 + 1; bit >= 0; bit--) {
      BigInteger candidate = root.setBit(bit);
      if (candidate.pow(3).compareTo(cube) <= 0) {
        root = candidate;
      }
    }
    return root;
  }

  private static KeyPair pair(String name) {
    try {
      return PrivateKeyFile.read(KeyFixtures.bytes(name), name, Optional.empty()).pair();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
