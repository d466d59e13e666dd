package dev.countersign.verification;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.EdDSAParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class Ed25519KeyTest {

  private static final byte[] MESSAGE = "message".getBytes(UTF_8);
  private static final int BYTES = 64;

  /** The order of the group that signatures are counted in. */
  private static final BigInteger ORDER =
      BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));

  /** SubjectPublicKeyInfo up to the point (RFC 8410, section 10.1). */
  private static final String INFO = "302a300506032b6570032100";

  /** RFC 8032, section 7.1, tests 1 to 3 (Ed25519), and section 7.3 (Ed25519ph). */
  @ParameterizedTest
  @CsvSource({
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a,"
        + "'',"
        + "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c,"
        + "72,"
        + "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025,"
        + "af82,"
        + "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf,"
        + "616263,"
        + "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
        + "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406",
  })
  void verifies_vectorsOfRfc8032_isTrue(String point, String message, String signature)
      throws Exception {
    Ed25519Key key = Ed25519Key.of(key(point)).orElseThrow();
    byte[] bytes = HexFormat.of().parseHex(message);

    boolean verifies = key.verifies(SignedMessage.of(bytes), HexFormat.of().parseHex(signature));

    assertThat(verifies).isTrue();
    byte[] other = Arrays.copyOf(bytes, bytes.length + 1);
    assertThat(key.verifies(SignedMessage.of(other), HexFormat.of().parseHex(signature))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void verifies_everyChangedBit_isFalse(boolean prehashed) throws Exception {
    KeyPair pair = pair();
    byte[] signature = sign(pair, prehashed);

    assertThat(verifies(pair, signature)).isTrue();
    for (int bit = 0; bit < signature.length * Byte.SIZE; bit++) {
      byte[] changed = signature.clone();
      changed[bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
      assertThat(verifies(pair, changed)).as("bit %d", bit).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void verifies_scalarAboveTheOrder_isFalse(boolean prehashed) throws Exception {
    KeyPair pair = pair();
    byte[] signature = sign(pair, prehashed);
    BigInteger scalar = littleEndian(Arrays.copyOfRange(signature, BYTES / 2, BYTES));
    BigInteger above = scalar.add(ORDER);
    byte[] second = Arrays.copyOf(signature, BYTES);
    put(above, second);

    assertThat(scalar).isLessThan(ORDER);
    assertThat(verifies(pair, signature)).isTrue();
    assertThat(verifies(pair, second)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 32, 63, 65, 128})
  void verifies_otherLength_isFalse(int length) throws Exception {
    KeyPair pair = pair();

    assertThat(verifies(pair, Arrays.copyOf(sign(pair, true), length))).isFalse();
  }

  @Test
  void verifies_anothersSignature_isFalse() throws Exception {
    assertThat(verifies(pair(), sign(pair(), true))).isFalse();
    assertThat(verifies(pair(), new byte[BYTES])).as("zeros").isFalse();
  }

  /** Under such a key a signature of zeros, or nearly so, verifies for one message in eight. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
      })
  void of_keyOfSmallOrder_isEmpty(String point) throws Exception {
    assertThat(Ed25519Key.of(key(point))).isEmpty();
    assertThat(VerifyingKey.of(key(point))).isEmpty();
  }

  private static EdECPublicKey key(String point) throws Exception {
    return (EdECPublicKey)
        KeyFactory.getInstance("Ed25519")
            .generatePublic(new X509EncodedKeySpec(HexFormat.of().parseHex(INFO + point)));
  }

  private static KeyPair pair() throws Exception {
    return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
  }

  private static boolean verifies(KeyPair pair, byte[] signature) {
    return Ed25519Key.of((EdECPublicKey) pair.getPublic())
        .orElseThrow()
        .verifies(SignedMessage.of(MESSAGE), signature);
  }

  private static byte[] sign(KeyPair pair, boolean prehashed) throws Exception {
    Signature signature = Signature.getInstance("Ed25519");
    signature.setParameter(new EdDSAParameterSpec(prehashed));
    signature.initSign(pair.getPrivate());
    signature.update(MESSAGE);
    return signature.sign();
  }

  private static BigInteger littleEndian(byte[] bytes) {
    byte[] reversed = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      reversed[i] = bytes[bytes.length - 1 - i];
    }
    return new BigInteger(1, reversed);
  }

  /** Writes a number as the second half of a signature. */
  private static void put(BigInteger number, byte[] signature) {
    for (int i = 0; i < BYTES / 2; i++) {
      signature[BYTES / 2 + i] = number.shiftRight(i * Byte.SIZE).byteValue();
    }
  }
}
