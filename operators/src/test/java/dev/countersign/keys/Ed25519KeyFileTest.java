package dev.countersign.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.HexFormat;
import java.util.Optional;
import java.util.SplittableRandom;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class Ed25519KeyFileTest {

  private static final Optional<char[]> NO_PASSPHRASE = Optional.empty();

  /** RFC 8032, section 7.1, test 2. */
  private static final byte[] SEED =
      hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");

  private static final byte[] POINT =
      hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");

  @Test
  void read_everyFormOfOpenssl_givesTheSamePair() throws Exception {
    PublicKey expected =
        PublicKeyFile.read(KeyFixtures.bytes("ed25519-public.pem"), "ed25519-public.pem");

    KeyPair pkcs8 = read("test-only-ed25519-pkcs8.pem", NO_PASSPHRASE);
    KeyPair pbkdf2 = read("test-only-ed25519-pbkdf2-aes256.pem", KeyFixtures.passphrase());
    KeyPair scrypt = read("test-only-ed25519-scrypt.pem", KeyFixtures.passphrase());

    assertThat(pkcs8.getPublic()).isEqualTo(expected);
    assertThat(pbkdf2.getPublic()).isEqualTo(expected);
    assertThat(pbkdf2.getPrivate()).isEqualTo(pkcs8.getPrivate());
    assertThat(scrypt.getPublic()).isEqualTo(expected);
    assertThat(scrypt.getPrivate()).isEqualTo(pkcs8.getPrivate());
  }

  @ParameterizedTest
  @CsvSource({
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60,"
        + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb,"
        + "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7,"
        + "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
  })
  void read_secretKeysOfRfc8032_givesTheirPublicKeys(String seed, String point) throws Exception {
    KeyPair pair = readPkcs8(info(hex(seed), null, null));

    assertThat(Ed25519KeyParts.point(pair.getPublic())).contains(hex(point));
  }

  @Test
  void read_publicKeyInside_isComparedWithTheComputedOne() throws Exception {
    KeyPair pair = readPkcs8(info(SEED, null, POINT));

    assertThat(Ed25519KeyParts.point(pair.getPublic())).contains(POINT);
    byte[] others = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    assertThatThrownBy(() -> readPkcs8(info(SEED, null, others)))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use key.pem as a private key: it holds a private key together with the public"
                + " key of another pair. The file is damaged or was tampered with; fetch a fresh"
                + " copy of it.");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 31, 33, 57, 64})
  void read_seedOfAnotherLength_isDamaged(int length) {
    assertDamaged(info(new byte[length], null, null));
  }

  @Test
  void read_parametersOfTheAlgorithm_areDamage() throws Exception {
    byte[] withNull =
        PemBlock.write(
            PemBlock.PUBLIC_KEY,
            new SubjectPublicKeyInfo(
                    new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519, DERNull.INSTANCE),
                    POINT)
                .getEncoded());

    assertDamaged(info(SEED, DERNull.INSTANCE, null));
    assertThatThrownBy(() -> PublicKeyFile.read(withNull, "key.pub"))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageContaining("it has a block PUBLIC KEY whose content is not such a key.");
  }

  /**
   * The points of order 1, 2, 4 and 8 in each of their spellings, two points with a part of order
   * 8, a y that is not below the prime, one that lies on no point, and other lengths.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0200000000000000000000000000000000000000000000000000000000000000",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af466",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c00",
      })
  void read_pointThatProvesNothing_isRefused(String point) throws Exception {
    byte[] pem =
        PemBlock.write(
            PemBlock.PUBLIC_KEY,
            new SubjectPublicKeyInfo(
                    new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519), hex(point))
                .getEncoded());

    assertThatThrownBy(() -> PublicKeyFile.read(pem, "key.pub"))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use key.pub as a public key: it has a block PUBLIC KEY whose content is not"
                + " such a key. The file is damaged; fetch a fresh copy of it.");
  }

  @Test
  void point_ofKeyOfAnotherAlgorithm_isEmpty() {
    assertThat(Ed25519KeyParts.point(KeyPairFiles.generate("P-256").getPublic())).isEmpty();
  }

  @Test
  void read_changedDer_givesTheDeclaredExceptionOnly() throws Exception {
    byte[] original = info(SEED, null, POINT).getEncoded();
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 2_000; i++) {
      byte[] changed = original.clone();
      changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
      byte[] pem = PemBlock.write(PemBlock.PKCS8, changed);

      try {
        KeyPair pair = PrivateKeyFile.read(pem, "changed", NO_PASSPHRASE).pair();
        assertThat(pair.getPublic().getEncoded()).endsWith(POINT);
      } catch (KeyFormatException e) {
        assertThat(e).hasMessageStartingWith("Cannot use changed as a private key: it ");
      }
    }
  }

  private static void assertDamaged(PrivateKeyInfo info) {
    assertThatThrownBy(() -> readPkcs8(info))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use key.pem as a private key: it has a block PRIVATE KEY whose content is not"
                + " such a key. The file is damaged; fetch a fresh copy of it.");
  }

  private static PrivateKeyInfo info(byte[] seed, ASN1Encodable parameters, byte[] point) {
    try {
      return new PrivateKeyInfo(
          new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519, parameters),
          new DEROctetString(seed).getEncoded(),
          null,
          point);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyPair readPkcs8(PrivateKeyInfo info) throws Exception {
    return PrivateKeyFile.read(
            PemBlock.write(PemBlock.PKCS8, info.getEncoded()), "key.pem", NO_PASSPHRASE)
        .pair();
  }

  private static KeyPair read(String name, Optional<char[]> passphrase) throws KeyFormatException {
    return PrivateKeyFile.read(KeyFixtures.bytes(name), name, passphrase).pair();
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
