package dev.countersign.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PublicKeyFileTest {

  @ParameterizedTest
  @ValueSource(strings = {"p256", "p384", "p521", "rsa2048", "rsa3072", "rsa4096", "ed25519"})
  void pem_ofReadKey_isWhatOpensslWrote(String curve) throws Exception {
    byte[] file = KeyFixtures.bytes(curve + "-public.pem");

    String pem = PublicKeyFile.pem(PublicKeyFile.read(file, "key"));

    assertThat(pem).isEqualTo(new String(file, US_ASCII));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"text-before", "crlf", "byte-order-mark", "compressed", "with-certificate"})
  void read_otherForm_givesTheSameKey(String form) throws Exception {
    PublicKey key = read("p256-public-" + form + ".pem");

    assertThat(key).isEqualTo(read("p256-public.pem"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          test-only-p256-pkcs8.pem | holds a private key. This file is for 'private-key', which signs. Write its public key with: openssl pkey -in FILE -pubout -out KEY.pem
          test-only-p256-sec1.pem | holds a private key. This file is for 'private-key', which signs. Write its public key with: openssl pkey -in FILE -pubout -out KEY.pem
          test-only-p256-scrypt.pem | holds a private key. This file is for 'private-key', which signs. Write its public key with: openssl pkey -in FILE -pubout -out KEY.pem
          test-only-p256-with-public-key.pem | holds a private key. This file is for 'private-key', which signs. Write its public key with: openssl pkey -in FILE -pubout -out KEY.pem
          certificate.pem | holds a certificate. Write its public key with: openssl x509 -in FILE -pubkey -noout > KEY.pem
          two-public-keys.pem | holds 2 public keys, and only one is taken from a file. Keep one key in a file, and repeat 'public-key' for each.
          parameters-only.pem | holds no public key, but EC PARAMETERS. Give a public key to 'public-key'.
          secp256k1-public.pem | holds an EC key on the curve secp256k1, with which models cannot be signed. Use a key on P-256, P-384, P-521; generate-key-pair makes one.
          p256-public-explicit-curve.pem | holds an EC key whose curve is spelled out instead of named. Convert it with: openssl pkey -pubin -ec_param_enc named_curve -in FILE -out KEY.pem
          rsa1024-public.pem | holds an RSA key of 1024 bits, and models are signed with 2048 to 4096. Make another key with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out KEY.pem
          rsa5120-public.pem | holds an RSA key of 5120 bits, and models are signed with 2048 to 4096. Make another key with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out KEY.pem
          rsa2048-exponent-of-33-bits-public.pem | holds an RSA key whose public exponent is 33 bits long, and 32 is the limit. Make another key with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out KEY.pem
          rsa-pss-public.pem | holds a key of the algorithm RSA-PSS, with which models cannot be signed. Use an EC key on P-256, P-384, P-521, an RSA key of 2048 to 4096 bits or an Ed25519 key; generate-key-pair makes an EC key.
          x25519-public.pem | holds a key of the algorithm X25519, with which models cannot be signed. Use an EC key on P-256, P-384, P-521, an RSA key of 2048 to 4096 bits or an Ed25519 key; generate-key-pair makes an EC key.
          ed448-public.pem | holds a key of the algorithm Ed448, with which models cannot be signed. Use an EC key on P-256, P-384, P-521, an RSA key of 2048 to 4096 bits or an Ed25519 key; generate-key-pair makes an EC key.
          test-only-p256-chain.p12 | 'is not PEM text, but a PKCS#12 key store. Take the public key out with: openssl pkcs12 -in FILE -nokeys -clcerts | openssl x509 -pubkey -noout > KEY.pem'
          p256-public-truncated.pem | ends within its block PUBLIC KEY, there is no END line. The file is cut off; fetch a fresh copy of it.
          first-line-of-a-public-key.pem | ends within its block PUBLIC KEY, there is no END line. The file is cut off; fetch a fresh copy of it.
          p256-public.der | is a public key in DER, and PEM is needed. Convert it with: openssl pkey -pubin -inform DER -in FILE -out KEY.pem
          empty.pem | is empty. Name a PEM file, or make one with generate-key-pair.
          garbage.bin | has no PEM block, a part between lines BEGIN and END. Name a PEM file, or make one with generate-key-pair.
          """)
  void read_unusableFile_saysWhatItIsAndWhatToDo(String name, String message) {
    assertThatThrownBy(() -> read(name))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage("Cannot use %s as a public key: it %s", name, message)
        .extracting(thrown -> ((KeyFormatException) thrown).source())
        .isEqualTo(name);
  }

  @Test
  void read_openSshKey_namesTheConversion() {
    byte[] line = "ecdsa-sha2-nistp256 AAAAE2VjZHNh user@host\n".getBytes(US_ASCII);

    assertThatThrownBy(() -> PublicKeyFile.read(line, "id_ecdsa.pub"))
        .hasMessageContaining("OpenSSH's form")
        .hasMessageContaining("ssh-keygen -e -m PKCS8 -f FILE");
  }

  @Test
  void read_pointOffTheCurve_isRefused() {
    byte[] der = KeyFixtures.bytes("p256-public.der");
    der[der.length - 1] ^= 1;

    assertDamaged(der);
  }

  @Test
  void read_pointAtInfinity_isRefused() {
    // SEQUENCE { SEQUENCE { ecPublicKey, prime256v1 }, BIT STRING 00 }
    byte[] der = Base64.getDecoder().decode("MBkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDAgAA");

    assertDamaged(der);
  }

  @Test
  void read_bytesAfterTheKey_areRefused() {
    byte[] der = KeyFixtures.bytes("p256-public.der");

    assertDamaged(Arrays.copyOf(der, der.length + 1));
  }

  @ParameterizedTest
  @CsvSource({
    "-----BEGIN PUBLIC KEY-----\\n!!!!\\n-----END PUBLIC KEY-----\\n, that is not base64",
    "-----BEGIN PUBLIC KEY-----\\n"
        + "AAAA\\n"
        + "-----END CERTIFICATE-----\\n"
        + ", closed by the END of another",
    "-----BEGIN PUBLIC KEY-----\\nAAAA\\n-----END PUBLIC KEY-----, content is not such a key",
  })
  void read_malformedBlock_isRefused(String text, String message) {
    byte[] pem = text.replace("\\n", "\n").getBytes(US_ASCII);

    assertThatThrownBy(() -> PublicKeyFile.read(pem, "key"))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageContaining(message);
  }

  @Test
  void read_changedDer_givesTheDeclaredExceptionOnly() {
    byte[] original = KeyFixtures.bytes("p256-public.der");
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 5_000; i++) {
      byte[] changed = original.clone();
      changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
      byte[] pem = PemBlock.write(PemBlock.PUBLIC_KEY, changed);
      try {
        assertThat(PublicKeyFile.read(pem, "changed").getAlgorithm()).isEqualTo("EC");
      } catch (KeyFormatException e) {
        assertThat(e).hasMessageStartingWith("Cannot use changed as a public key: it ");
      }
    }
  }

  @Test
  void load_missingFile_saysSo(@TempDir Path folder) {
    String path = folder.resolve("none.pub").toString();

    assertThatThrownBy(() -> PublicKeyFile.load(path))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use %s as a public key: it does not exist on this machine. Check 'public-key'.",
            path);
  }

  @Test
  void load_file_readsIt() throws Exception {
    PublicKey key = PublicKeyFile.load(KeyFixtures.path("p384-public.pem").toString());

    assertThat(key).isEqualTo(read("p384-public.pem"));
  }

  private static void assertDamaged(byte[] der) {
    assertThatThrownBy(
            () -> PublicKeyFile.read(PemBlock.write(PemBlock.PUBLIC_KEY, der), "release.pub"))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use release.pub as a public key: it has a block PUBLIC KEY whose content is not"
                + " such a key. The file is damaged; fetch a fresh copy of it.");
  }

  private static PublicKey read(String name) throws KeyFormatException {
    return PublicKeyFile.read(KeyFixtures.bytes(name), name);
  }
}
