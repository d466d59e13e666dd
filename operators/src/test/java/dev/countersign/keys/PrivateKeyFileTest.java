package dev.countersign.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PrivateKeyFileTest {

  private static final Optional<char[]> NO_PASSPHRASE = Optional.empty();
  private static final int P256_POINT = 65;

  @ParameterizedTest
  @ValueSource(strings = {"p256", "p384", "p521"})
  void read_pkcs8_givesThePairOfThePublicFile(String curve) throws Exception {
    KeyPair pair = read("test-only-" + curve + "-pkcs8.pem", NO_PASSPHRASE);

    assertThat(pair.getPublic())
        .isEqualTo(PublicKeyFile.read(KeyFixtures.bytes(curve + "-public.pem"), "public"));
  }

  @ParameterizedTest
  @CsvSource({
    "p256, sec1",
    "p256, sec1-parameters-first",
    "p384, sec1",
    "p384, sec1-parameters-first",
    "p521, sec1",
    "p521, sec1-parameters-first",
    "p256, sec1-no-public",
    "p256, sec1-compressed",
    "p256, text-before",
    "p256, text-after",
    "p256, crlf",
    "p256, byte-order-mark",
    "p256, with-certificate",
    "p256, with-public-key",
  })
  void read_otherForm_givesTheSamePairAsPkcs8(String curve, String form) throws Exception {
    KeyPair expected = read("test-only-" + curve + "-pkcs8.pem", NO_PASSPHRASE);

    KeyPair pair = read("test-only-" + curve + "-" + form + ".pem", NO_PASSPHRASE);

    assertSame(pair, expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pbkdf2-aes256",
        "pbkdf2-aes128-sha512",
        "pbkdf2-des3-sha1",
        "scrypt",
        "sec1-aes128",
        "sec1-aes256",
        "sec1-des3"
      })
  void read_encrypted_opensWithThePassphraseAlone(String form) throws Exception {
    String name = "test-only-p256-" + form + ".pem";
    KeyPair expected = read("test-only-p256-pkcs8.pem", NO_PASSPHRASE);

    assertSame(read(name, KeyFixtures.passphrase()), expected);
    assertThatThrownBy(() -> read(name, Optional.of("correct hors".toCharArray())))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use %s as a private key: it is encrypted and the passphrase does not open it."
                + " Check what 'password-file' or 'password-env' names.",
            name);
    assertThatThrownBy(() -> read(name, NO_PASSPHRASE))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use %s as a private key: it is encrypted and no passphrase was given. Name a"
                + " file that holds the passphrase with 'password-file', or an environment variable"
                + " with 'password-env'.",
            name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"passphrase-not-ascii", "sec1-passphrase-not-ascii"})
  void read_encryptedUnderNotAscii_takesThePassphraseAsUtf8(String form) throws Exception {
    KeyPair pair = read("test-only-p256-" + form + ".pem", KeyFixtures.passphraseNotAscii());

    assertSame(pair, read("test-only-p256-pkcs8.pem", NO_PASSPHRASE));
  }

  @Test
  void read_wrongPassphrases_neverGiveAnythingButTheirRefusal() {
    // One in 256 passes the padding, and must not be told apart from the others.
    byte[] pem = KeyFixtures.bytes("test-only-p256-pbkdf2-des3-sha1.pem");

    for (int i = 0; i < 1_000; i++) {
      Optional<char[]> guess = Optional.of(("guess " + i).toCharArray());
      assertThatThrownBy(() -> PrivateKeyFile.read(pem, "key", guess))
          .isInstanceOf(KeyFormatException.class)
          .hasMessageContaining("the passphrase does not open it");
    }
  }

  @Test
  void read_plainKeyWithPassphrase_ignoresThePassphrase() throws Exception {
    KeyPair pair = read("test-only-p256-pkcs8.pem", KeyFixtures.passphrase());

    assertSame(pair, read("test-only-p256-pkcs8.pem", NO_PASSPHRASE));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          p256-public.pem | holds a public key. Give the private key of the pair to 'private-key'; this file is for 'public-key', which verifies.
          certificate.pem | holds a certificate, in which there is only a public key. Give the private key that belongs to the certificate to 'private-key'.
          parameters-only.pem | holds no private key, but EC PARAMETERS. Give a private key to 'private-key'; generate-key-pair makes one.
          test-only-two-private-keys.pem | holds 2 private keys, and it is unclear which one to use. Keep one key in a file.
          test-only-secp256k1-pkcs8.pem | holds an EC key on the curve secp256k1, with which models cannot be signed. Use a key on P-256, P-384, P-521; generate-key-pair makes one.
          test-only-secp256k1-sec1.pem | holds an EC key on the curve secp256k1, with which models cannot be signed. Use a key on P-256, P-384, P-521; generate-key-pair makes one.
          test-only-p256-explicit-curve.pem | holds an EC key whose curve is spelled out instead of named. Convert it with: openssl pkey -ec_param_enc named_curve -in FILE -out KEY.pem
          test-only-rsa1024-pkcs8.pem | holds an RSA key of 1024 bits, and models are signed with 2048 to 4096. Make another key with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out KEY.pem
          test-only-rsa5120-pkcs8.pem | holds an RSA key of 5120 bits, and models are signed with 2048 to 4096. Make another key with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out KEY.pem
          test-only-rsa2048-exponent-of-33-bits.pem | holds an RSA key whose public exponent is 33 bits long, and 32 is the limit. Make another key with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out KEY.pem
          test-only-rsa2048-three-primes.pem | holds an RSA key of more than two primes. Make another key with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out KEY.pem
          test-only-rsa-pss-pkcs8.pem | holds a key of the algorithm RSA-PSS, with which models cannot be signed. Use an EC key on P-256, P-384, P-521, an RSA key of 2048 to 4096 bits or an Ed25519 key; generate-key-pair makes an EC key.
          test-only-x25519-pkcs8.pem | holds a key of the algorithm X25519, with which models cannot be signed. Use an EC key on P-256, P-384, P-521, an RSA key of 2048 to 4096 bits or an Ed25519 key; generate-key-pair makes an EC key.
          test-only-ed448-pkcs8.pem | holds a key of the algorithm Ed448, with which models cannot be signed. Use an EC key on P-256, P-384, P-521, an RSA key of 2048 to 4096 bits or an Ed25519 key; generate-key-pair makes an EC key.
          test-only-p256-pbes1.pem | is encrypted with an algorithm (1.2.840.113549.1.12.1.3) that is not supported. Encrypt it again with: openssl pkey -aes256 -in FILE -out KEY.pem
          test-only-p256-pbkdf2-aria256.pem | is encrypted with an algorithm (1.2.410.200046.1.1.12) that is not supported. Encrypt it again with: openssl pkey -aes256 -in FILE -out KEY.pem
          test-only-p256-sec1-aria256.pem | is encrypted with a cipher (ARIA-256-CBC) that is not supported. Convert it with: openssl pkcs8 -topk8 -in FILE -out KEY.pem
          test-only-p256-sec1-camellia256.pem | is encrypted with a cipher (CAMELLIA-256-CBC) that is not supported. Convert it with: openssl pkcs8 -topk8 -in FILE -out KEY.pem
          test-only-p256-truncated.pem | ends within its block PRIVATE KEY, there is no END line. The file is cut off; fetch a fresh copy of it.
          first-line-of-a-private-key.pem | ends within its block PRIVATE KEY, there is no END line. The file is cut off; fetch a fresh copy of it.
          test-only-p256-utf-16.pem | is UTF-16 text, as some shells write when output is redirected. Save it as plain ASCII or UTF-8.
          test-only-p256.der | is a private key in DER, and PEM is needed. Convert it with: openssl pkey -inform DER -in FILE -out KEY.pem
          empty.pem | is empty. Name a PEM file, or make one with generate-key-pair.
          garbage.bin | has no PEM block, a part between lines BEGIN and END. Name a PEM file, or make one with generate-key-pair.
          """)
  void read_unusableFile_saysWhatItIsAndWhatToDo(String name, String message) {
    assertThatThrownBy(() -> read(name, KeyFixtures.passphrase()))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage("Cannot use %s as a private key: it %s", name, message)
        .extracting(thrown -> ((KeyFormatException) thrown).source())
        .isEqualTo(name);
  }

  @Test
  void read_publicKeyOfAnotherPairInside_isRefused() {
    byte[] spliced = newPkcs8();
    byte[] other = newPkcs8();
    System.arraycopy(
        other, other.length - P256_POINT, spliced, spliced.length - P256_POINT, P256_POINT);

    assertThatThrownBy(
            () ->
                PrivateKeyFile.read(
                    PemBlock.write(PemBlock.PKCS8, spliced), "key.pem", NO_PASSPHRASE))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use key.pem as a private key: it holds a private key together with the public"
                + " key of another pair. The file is damaged or was tampered with; fetch a fresh"
                + " copy of it.");
  }

  @Test
  void read_openSshKey_namesTheConversion() {
    byte[] pem = PemBlock.write("OPENSSH PRIVATE KEY", "openssh-key-v1".getBytes(US_ASCII));

    assertThatThrownBy(() -> PrivateKeyFile.read(pem, "id_ecdsa", NO_PASSPHRASE))
        .hasMessageContaining("OpenSSH's form")
        .hasMessageContaining("ssh-keygen -p -m PKCS8");
  }

  @Test
  void read_nameWithTerminalCommands_isEscaped() {
    assertThatThrownBy(() -> PrivateKeyFile.read(new byte[0], "a\u001b[2Jb\u202ec", NO_PASSPHRASE))
        .hasMessageStartingWith("Cannot use a\\u001b[2Jb\\u202ec as a private key: it is empty.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"test-only-p521-sec1-parameters-first.pem", "test-only-p256-sec1-aes256.pem"})
  void read_changedText_givesTheDeclaredExceptionOnly(String name) {
    assertOnlyDeclared(KeyFixtures.bytes(name), changed -> changed);
  }

  @Test
  void read_changedDer_givesTheDeclaredExceptionOnly() {
    assertOnlyDeclared(newPkcs8(), changed -> PemBlock.write(PemBlock.PKCS8, changed));
  }

  @Test
  void read_deeplyNestedAsn1_isRefused() {
    byte[] nested = new byte[60_000];
    for (int i = 0; i < nested.length; i += 2) {
      nested[i] = 0x30;
      nested[i + 1] = (byte) 0x80;
    }

    assertThat(thrownBy(PemBlock.write(PemBlock.PKCS8, nested)))
        .get()
        .isInstanceOf(KeyFormatException.class);
  }

  @Test
  void load_missingFile_saysSo(@TempDir Path folder) {
    String path = folder.resolve("none.key").toString();

    assertThatThrownBy(() -> PrivateKeyFile.load(path, NO_PASSPHRASE))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use %s as a private key: it does not exist on this machine. Check"
                + " 'private-key'.",
            path);
  }

  @Test
  void load_directory_saysSo(@TempDir Path folder) {
    assertThatThrownBy(() -> PrivateKeyFile.load(folder.toString(), NO_PASSPHRASE))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use %s as a private key: it is a directory. Name a file within it.", folder);
  }

  @Test
  void load_nameThatIsNoPath_isRefused() {
    assertThatThrownBy(() -> PrivateKeyFile.load("a\0b", NO_PASSPHRASE))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use a\\u0000b as a private key: it is not a valid path here. Check"
                + " 'private-key'.");
  }

  @Test
  void load_fileWithoutPermission_saysSo(@TempDir Path folder) throws Exception {
    Path file = Files.createFile(folder.resolve("locked.key"));
    Files.setPosixFilePermissions(file, Set.of());
    assumeFalse(Files.isReadable(file), "root reads everything");

    assertThatThrownBy(() -> PrivateKeyFile.load(file.toString(), NO_PASSPHRASE))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use %s as a private key: it may not be read by this user. Change its"
                + " permissions, or run as its owner.",
            file);
  }

  @Test
  void load_fileAboveTheLimit_isRefused(@TempDir Path folder) throws Exception {
    Path file = Files.write(folder.resolve("big.key"), new byte[(1 << 20) + 1]);

    assertThatThrownBy(() -> PrivateKeyFile.load(file.toString(), NO_PASSPHRASE))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageContaining("it is larger than 1 MiB, the limit.");
  }

  @Test
  void load_file_readsIt() throws Exception {
    KeyPair pair =
        PrivateKeyFile.load(
                KeyFixtures.path("test-only-p256-scrypt.pem").toString(), KeyFixtures.passphrase())
            .pair();

    assertSame(pair, read("test-only-p256-pkcs8.pem", NO_PASSPHRASE));
  }

  private static KeyPair read(String name, Optional<char[]> passphrase) throws KeyFormatException {
    return PrivateKeyFile.read(KeyFixtures.bytes(name), name, passphrase).pair();
  }

  private static void assertSame(KeyPair pair, KeyPair expected) {
    assertThat(pair.getPublic()).isEqualTo(expected.getPublic());
    assertThat(pair.getPrivate()).isEqualTo(expected.getPrivate());
  }

  private static void assertOnlyDeclared(byte[] original, UnaryOperator<byte[]> pem) {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 3_000; i++) {
      byte[] changed = original.clone();
      changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);

      Optional<Throwable> thrown = thrownBy(pem.apply(changed));

      if (thrown.isPresent()) {
        assertThat(thrown.get())
            .as("for %s", HexFormat.of().formatHex(changed))
            .isInstanceOf(KeyFormatException.class);
      }
    }
  }

  private static Optional<Throwable> thrownBy(byte[] pem) {
    try {
      KeyPair pair = PrivateKeyFile.read(pem, "changed", KeyFixtures.passphrase()).pair();
      assertThat(pair.getPrivate()).isNotNull();
      return Optional.empty();
    } catch (KeyFormatException | RuntimeException | StackOverflowError e) {
      return Optional.of(e);
    }
  }

  /** A new P-256 key, whose last bytes are its public point. */
  private static byte[] newPkcs8() {
    byte[] pem =
        KeyPairFiles.privatePem(KeyPairFiles.generate("P-256").getPrivate(), NO_PASSPHRASE);
    String body = new String(pem, US_ASCII).replaceAll("-----[A-Z ]+-----", "");
    return Base64.getMimeDecoder().decode(body);
  }
}
