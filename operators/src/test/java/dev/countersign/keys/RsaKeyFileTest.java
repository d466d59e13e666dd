package dev.countersign.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RsaKeyFileTest {

  private static final Optional<char[]> NO_PASSPHRASE = Optional.empty();
  private static final String NOT_TOGETHER =
      "Cannot use key.pem as a private key: it holds an RSA key whose numbers do not fit together."
          + " The file is damaged or was tampered with; fetch a fresh copy of it.";

  @ParameterizedTest
  @ValueSource(ints = {2048, 3072, 4096})
  void read_everyFormOfOpenssl_givesTheSamePair(int bits) throws Exception {
    String name = "test-only-rsa" + bits + "-";
    PublicKey expected = publicKey("rsa" + bits + "-public.pem");
    KeyPair pkcs8 = privateKey(name + "pkcs8.pem", NO_PASSPHRASE);

    KeyPair pkcs1 = privateKey(name + "pkcs1.pem", NO_PASSPHRASE);
    KeyPair legacy = privateKey(name + "pkcs1-aes256.pem", KeyFixtures.passphrase());
    KeyPair pbkdf2 = privateKey(name + "pbkdf2-aes256.pem", KeyFixtures.passphrase());
    KeyPair scrypt = privateKey(name + "scrypt.pem", KeyFixtures.passphrase());

    assertThat(pkcs8.getPublic()).isEqualTo(expected);
    assertThat(((RSAPublicKey) expected).getModulus().bitLength()).isEqualTo(bits);
    for (KeyPair other : List.of(pkcs1, legacy, pbkdf2, scrypt)) {
      assertThat(other.getPublic()).isEqualTo(expected);
      assertThat(other.getPrivate()).isEqualTo(pkcs8.getPrivate());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2048, 3072, 4096})
  void read_publicKeyInPkcs1_isTheSameKey(int bits) throws Exception {
    PublicKey key = publicKey("rsa" + bits + "-public-pkcs1.pem");

    assertThat(key).isEqualTo(publicKey("rsa" + bits + "-public.pem"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pkcs1-aes256", "pbkdf2-aes256", "scrypt"})
  void read_encrypted_opensWithThePassphraseAlone(String form) {
    String name = "test-only-rsa2048-" + form + ".pem";

    assertThatThrownBy(() -> privateKey(name, Optional.of("correct hors".toCharArray())))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageContaining("it is encrypted and the passphrase does not open it.");
    assertThatThrownBy(() -> privateKey(name, NO_PASSPHRASE))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageContaining("it is encrypted and no passphrase was given.");
  }

  @Test
  void read_exponentThree_isTaken() throws Exception {
    KeyPair pair = privateKey("test-only-rsa2048-exponent-3.pem", NO_PASSPHRASE);

    assertThat(((RSAPublicKey) pair.getPublic()).getPublicExponent()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void read_oneNumberOfAnotherKey_isRefused(int index) throws Exception {
    BigInteger[] numbers = numbers("test-only-rsa2048-pkcs8.pem");
    BigInteger[] others = numbers("test-only-rsa2048-exponent-3.pem");
    numbers[index] = others[index];

    assertThatThrownBy(() -> readPkcs1(numbers))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(NOT_TOGETHER);
  }

  @Test
  void read_primesThatAreNone_areRefused() throws Exception {
    BigInteger[] numbers = numbers("test-only-rsa2048-pkcs8.pem");
    numbers[4] = numbers[1];
    numbers[5] = BigInteger.ONE;

    assertThatThrownBy(() -> readPkcs1(numbers))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(NOT_TOGETHER);
  }

  @Test
  void read_keyWithoutItsPrimes_isRefused() throws Exception {
    BigInteger[] numbers = numbers("test-only-rsa2048-pkcs8.pem");
    Arrays.fill(numbers, 4, 9, BigInteger.ZERO);

    assertThatThrownBy(() -> readPkcs1(numbers))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(NOT_TOGETHER);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          4 | whose public exponent is 4, and it must be odd and at least 3.
          1 | whose public exponent is 1, and it must be odd and at least 3.
          -3 | whose public exponent is -3, and it must be odd and at least 3.
          4294967297 | whose public exponent is 33 bits long, and 32 is the limit.
          """)
  void read_publicExponentOutOfRange_isRefused(BigInteger exponent, String message)
      throws Exception {
    byte[] pem = pkcs1PublicKey(modulus(), exponent);

    assertThatThrownBy(() -> PublicKeyFile.read(pem, "key.pub"))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use key.pub as a public key: it holds an RSA key %s Make another key with:"
                + " openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out KEY.pem",
            message);
  }

  @Test
  void read_largestExponentWithinTheLimit_isTaken() throws Exception {
    BigInteger exponent = BigInteger.valueOf((1L << 32) - 1);

    PublicKey key = PublicKeyFile.read(pkcs1PublicKey(modulus(), exponent), "key.pub");

    assertThat(((RSAPublicKey) key).getPublicExponent()).isEqualTo(exponent);
  }

  @Test
  void read_modulusThatIsNone_isDamaged() throws Exception {
    BigInteger exponent = BigInteger.valueOf(65537);
    for (BigInteger modulus :
        List.of(modulus().subtract(BigInteger.ONE), modulus().negate(), BigInteger.ZERO)) {
      byte[] pem = pkcs1PublicKey(modulus, exponent);

      assertThatThrownBy(() -> PublicKeyFile.read(pem, "key.pub"))
          .isInstanceOf(KeyFormatException.class)
          .hasMessage(
              "Cannot use key.pub as a public key: it has a block RSA PUBLIC KEY whose content is"
                  + " not such a key. The file is damaged; fetch a fresh copy of it.");
    }
  }

  @Test
  void read_parametersOfTheAlgorithm_mayBeNullOrAbsent() throws Exception {
    SubjectPublicKeyInfo info =
        SubjectPublicKeyInfo.getInstance(publicKey("rsa2048-public.pem").getEncoded());

    PublicKey absent = PublicKeyFile.read(withParameters(info, null), "absent");

    assertThat(absent).isEqualTo(publicKey("rsa2048-public.pem"));
    assertThat(PublicKeyFile.read(withParameters(info, DERNull.INSTANCE), "null"))
        .isEqualTo(absent);
    byte[] others = withParameters(info, new ASN1Integer(1));
    assertThatThrownBy(() -> PublicKeyFile.read(others, "others"))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageContaining("it has a block PUBLIC KEY whose content is not such a key.");
  }

  @ParameterizedTest
  @CsvSource({
    "2.16.840.1.101.3.4.3.17, ML-DSA-44",
    "2.16.840.1.101.3.4.3.18, ML-DSA-65",
    "2.16.840.1.101.3.4.3.19, ML-DSA-87",
    "1.2.840.10040.4.1, DSA",
    "1.2.3.4, 1.2.3.4"
  })
  void read_otherAlgorithm_isNamed(String identifier, String name) throws Exception {
    byte[] pem =
        PemBlock.write(
            PemBlock.PUBLIC_KEY,
            new SubjectPublicKeyInfo(
                    new AlgorithmIdentifier(new ASN1ObjectIdentifier(identifier)), new byte[1312])
                .getEncoded());

    assertThatThrownBy(() -> PublicKeyFile.read(pem, "key.pub"))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use key.pub as a public key: it holds a key of the algorithm %s, with which"
                + " models cannot be signed. Use an EC key on P-256, P-384, P-521, an RSA key of"
                + " 2048 to 4096 bits or an Ed25519 key; generate-key-pair makes an EC key.",
            name);
  }

  @Test
  void read_changedDer_givesTheDeclaredExceptionOnly() throws Exception {
    byte[] privateDer = new DERSequence(asn1(numbers("test-only-rsa2048-pkcs8.pem"))).getEncoded();
    byte[] publicDer = publicKey("rsa2048-public.pem").getEncoded();
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 1_000; i++) {
      byte[] changedPrivate = changed(privateDer, random);
      byte[] changedPublic = changed(publicDer, random);

      try {
        assertThat(
                PrivateKeyFile.read(
                        PemBlock.write(PemBlock.PKCS1, changedPrivate), "changed", NO_PASSPHRASE)
                    .pair())
            .isNotNull();
      } catch (KeyFormatException e) {
        assertThat(e).hasMessageStartingWith("Cannot use changed as a private key: it ");
      }
      try {
        assertThat(
                PublicKeyFile.read(PemBlock.write(PemBlock.PUBLIC_KEY, changedPublic), "changed"))
            .as("for %s", HexFormat.of().formatHex(changedPublic))
            .isInstanceOf(RSAPublicKey.class);
      } catch (KeyFormatException e) {
        assertThat(e).hasMessageStartingWith("Cannot use changed as a public key: it ");
      }
    }
  }

  private static byte[] changed(byte[] original, SplittableRandom random) {
    byte[] changed = original.clone();
    changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
    return changed;
  }

  private static KeyPair readPkcs1(BigInteger[] numbers) throws Exception {
    byte[] der = new DERSequence(asn1(numbers)).getEncoded();
    return PrivateKeyFile.read(PemBlock.write(PemBlock.PKCS1, der), "key.pem", NO_PASSPHRASE)
        .pair();
  }

  /** The version and the eight numbers of RFC 8017, appendix A.1.2. */
  private static BigInteger[] numbers(String name) throws Exception {
    RSAPrivateCrtKey key = (RSAPrivateCrtKey) privateKey(name, NO_PASSPHRASE).getPrivate();
    return new BigInteger[] {
      BigInteger.ZERO,
      key.getModulus(),
      key.getPublicExponent(),
      key.getPrivateExponent(),
      key.getPrimeP(),
      key.getPrimeQ(),
      key.getPrimeExponentP(),
      key.getPrimeExponentQ(),
      key.getCrtCoefficient()
    };
  }

  private static ASN1Encodable[] asn1(BigInteger... numbers) {
    return Arrays.stream(numbers).map(ASN1Integer::new).toArray(ASN1Encodable[]::new);
  }

  private static BigInteger modulus() throws Exception {
    return ((RSAPublicKey) publicKey("rsa2048-public.pem")).getModulus();
  }

  private static byte[] pkcs1PublicKey(BigInteger modulus, BigInteger exponent) throws Exception {
    return PemBlock.write(
        PemBlock.PKCS1_PUBLIC_KEY, new DERSequence(asn1(modulus, exponent)).getEncoded());
  }

  private static byte[] withParameters(SubjectPublicKeyInfo info, ASN1Encodable parameters)
      throws Exception {
    AlgorithmIdentifier algorithm =
        new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, parameters);
    return PemBlock.write(
        PemBlock.PUBLIC_KEY,
        new SubjectPublicKeyInfo(algorithm, info.parsePublicKey()).getEncoded());
  }

  private static KeyPair privateKey(String name, Optional<char[]> passphrase)
      throws KeyFormatException {
    return PrivateKeyFile.read(KeyFixtures.bytes(name), name, passphrase).pair();
  }

  private static PublicKey publicKey(String name) throws KeyFormatException {
    return PublicKeyFile.read(KeyFixtures.bytes(name), name);
  }
}
