package dev.countersign.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.ContentInfo;
import org.bouncycastle.asn1.pkcs.MacData;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.Pfx;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.DigestInfo;
import org.bouncycastle.operator.bc.BcDefaultDigestProvider;
import org.bouncycastle.pkcs.PKCS12PfxPdu;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.bc.BcPKCS12MacCalculatorBuilderProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class Pkcs12StoreTest {

  private static final Optional<char[]> NO_PASSPHRASE = Optional.empty();
  private static final String DOES_NOT_OPEN =
      "it is encrypted and the passphrase does not open it. Check what 'password-file' or"
          + " 'password-env' names.";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "chain",
        "legacy",
        "no-mac",
        "no-mac-one-round",
        "no-encryption",
        "aes128-sha512",
        "rc2-128"
      })
  void read_storeOfOpenssl_givesTheKeyAndItsCertificate(String form) throws Exception {
    KeyMaterial material = read("test-only-p256-" + form + ".p12", KeyFixtures.passphrase());

    assertIsP256(material.pair());
    assertThat(material.certificates()).startsWith(certificates("chain-leaf.pem").get(0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"chain", "chain-root-first", "legacy", "no-mac"})
  void read_storeWithAChain_givesItLeafFirst(String form) throws Exception {
    KeyMaterial material = read("test-only-p256-" + form + ".p12", KeyFixtures.passphrase());

    // The leaf's subject is its issuer's, so neither of them is told by its name.
    assertThat(material.certificates())
        .isEqualTo(
            Stream.of("chain-leaf.pem", "chain.pem")
                .flatMap(name -> certificates(name).stream())
                .toList());
  }

  @ParameterizedTest
  @CsvSource({"rsa2048, rsa2048-public.pem", "ed25519, ed25519-public.pem"})
  void read_otherAlgorithms_areTaken(String name, String publicFile) throws Exception {
    KeyMaterial material = read("test-only-" + name + ".p12", KeyFixtures.passphrase());

    assertThat(material.pair().getPublic())
        .isEqualTo(PublicKeyFile.read(KeyFixtures.bytes(publicFile), publicFile));
    assertThat(material.certificates()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"passphrase-not-ascii", "passphrase-not-ascii-legacy"})
  void read_passphraseBeyondAscii_opens(String form) throws Exception {
    KeyMaterial material =
        read("test-only-p256-" + form + ".p12", KeyFixtures.passphraseNotAscii());

    assertIsP256(material.pair());
  }

  @ParameterizedTest
  @ValueSource(strings = {"passphrase-empty", "passphrase-empty-legacy"})
  void read_emptyPassphrase_opensWithoutOne(String form) throws Exception {
    KeyMaterial material = read("test-only-p256-" + form + ".p12", NO_PASSPHRASE);

    assertIsP256(material.pair());
  }

  @Test
  void read_storeWithoutCertificates_hasAKeyAllTheSame() throws Exception {
    KeyMaterial material = read("test-only-p256-key-only.p12", KeyFixtures.passphrase());

    assertIsP256(material.pair());
    assertThat(material.certificates()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"chain", "legacy", "no-mac", "key-only"})
  void read_withoutThePassphrase_isRefused(String form) {
    String name = "test-only-p256-" + form + ".p12";

    assertThatThrownBy(() -> read(name, NO_PASSPHRASE))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use %s as a private key: it is encrypted and no passphrase was given. Name a"
                + " file that holds the passphrase with 'password-file', or an environment variable"
                + " with 'password-env'.",
            name);
    assertThatThrownBy(() -> read(name, Optional.of("correct hors".toCharArray())))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage("Cannot use %s as a private key: %s", name, DOES_NOT_OPEN);
  }

  @Test
  void read_wrongPassphrasesWithoutACode_neverGiveAnythingButTheirRefusal() {
    // One in 256 passes the padding of the first part, and must not be told apart from the others.
    for (int i = 0; i < 1_000; i++) {
      Optional<char[]> guess = Optional.of(("guess " + i).toCharArray());
      assertThatThrownBy(() -> read("test-only-p256-no-mac-one-round.p12", guess))
          .isInstanceOf(KeyFormatException.class)
          .hasMessageEndingWith(DOES_NOT_OPEN);
    }
  }

  @Test
  void read_encryptedCertificatesWithoutACode_openWithThePassphraseAlone() throws Exception {
    Pfx original = Pfx.getInstance(KeyFixtures.bytes("test-only-p256-chain.p12"));
    byte[] store = new Pfx(original.getAuthSafe(), null).getEncoded();

    assertThat(PrivateKeyFile.read(store, "store.p12", KeyFixtures.passphrase()).certificates())
        .hasSize(3);
    Optional<char[]> wrong = Optional.of("correct hors".toCharArray());
    assertThatThrownBy(() -> PrivateKeyFile.read(store, "store.p12", wrong))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageEndingWith(DOES_NOT_OPEN);
    assertThatThrownBy(() -> PrivateKeyFile.read(store, "store.p12", NO_PASSPHRASE))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageContaining("it is encrypted and no passphrase was given.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          test-only-certificates-only.p12 | is a key store without a private key. Give a private key to 'private-key'; generate-key-pair makes one.
          test-only-secp256k1.p12 | holds an EC key on the curve secp256k1, with which models cannot be signed. Use a key on P-256, P-384, P-521; generate-key-pair makes one.
          test-only-rc4.p12 | is encrypted with an algorithm (1.2.840.113549.1.12.1.1) that is not supported. Take the key out with: openssl pkcs12 -legacy -in FILE -nocerts -out KEY.pem
          """)
  void read_unusableStore_saysWhatItIsAndWhatToDo(String name, String message) {
    assertThatThrownBy(() -> read(name, KeyFixtures.passphrase()))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage("Cannot use %s as a private key: it %s", name, message);
  }

  @Test
  void read_storeOfTheJdk_isTaken() throws Exception {
    byte[] store = store(List.of("release"));

    KeyMaterial material = PrivateKeyFile.read(store, "store.p12", KeyFixtures.passphrase());

    assertIsP256(material.pair());
    assertThat(material.certificates()).hasSize(3);
  }

  @Test
  void read_severalKeys_namesThem() throws Exception {
    byte[] store = store(List.of("release", "back\u001b[2Jup"));

    assertThatThrownBy(() -> PrivateKeyFile.read(store, "store.p12", KeyFixtures.passphrase()))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageContaining("Cannot use store.p12 as a private key: it holds 2 private keys (")
        .hasMessageContaining("release")
        .hasMessageContaining("back\\u001b[2jup")
        .hasMessageEndingWith(
            "), and it is unclear which one to use. Keep one key in a key store. Copy"
                + " the one called NAME with: keytool -importkeystore -srckeystore FILE -srcalias"
                + " NAME -destkeystore KEY.p12 -deststoretype PKCS12");
  }

  @Test
  void read_tooManyRounds_areRefusedBeforeTheyAreRun() throws Exception {
    Pfx original = Pfx.getInstance(KeyFixtures.bytes("test-only-p256-chain.p12"));
    MacData mac =
        new MacData(original.getMacData().getMac(), original.getMacData().getSalt(), 20_000_001);
    byte[] store = new Pfx(original.getAuthSafe(), mac).getEncoded();

    assertThatThrownBy(() -> PrivateKeyFile.read(store, "store.p12", KeyFixtures.passphrase()))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use store.p12 as a private key: it is encrypted in 20000001 rounds, and the"
                + " limit is 20000000. Take the key out with: openssl pkcs12 -in FILE -nocerts -out"
                + " KEY.pem");
  }

  /** Why the code is checked by hand: see {@link Pkcs12Encryption}. */
  @Test
  void read_codesThatTheLibraryMisjudges_areJudgedByTheStandard() throws Exception {
    Pfx original = Pfx.getInstance(KeyFixtures.bytes("test-only-p256-chain.p12"));
    MacData mac = original.getMacData();
    DigestInfo withoutParameters =
        new DigestInfo(
            new AlgorithmIdentifier(mac.getMac().getAlgorithmId().getAlgorithm()),
            mac.getMac().getDigest());
    Pfx terse =
        new Pfx(
            original.getAuthSafe(),
            new MacData(withoutParameters, mac.getSalt(), mac.getIterationCount().intValueExact()));
    Pfx emptyPassphrase =
        Pfx.getInstance(KeyFixtures.bytes("test-only-p256-passphrase-empty-legacy.p12"));
    Pfx manyRounds =
        new Pfx(original.getAuthSafe(), new MacData(mac.getMac(), new byte[8], 5_000_001));

    assertThat(isMacValid(original, KeyFixtures.passphrase())).isTrue();
    assertThat(isMacValid(terse, KeyFixtures.passphrase())).isFalse();
    assertIsP256(PrivateKeyFile.read(terse.getEncoded(), "terse", KeyFixtures.passphrase()).pair());
    assertThat(isMacValid(emptyPassphrase, Optional.of(new char[0]))).isFalse();
    assertIsP256(PrivateKeyFile.read(emptyPassphrase.getEncoded(), "empty", NO_PASSPHRASE).pair());
    assertThatThrownBy(() -> isMacValid(manyRounds, KeyFixtures.passphrase()))
        .isInstanceOf(PKCSException.class)
        .hasMessageContaining("iteration count 5000001 greater than 5000000");
  }

  @Test
  void read_otherCode_isRefused() throws Exception {
    Pfx original = Pfx.getInstance(KeyFixtures.bytes("test-only-p256-chain.p12"));
    DigestInfo code =
        new DigestInfo(
            new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha3_256, DERNull.INSTANCE),
            new byte[32]);
    byte[] store =
        new Pfx(original.getAuthSafe(), new MacData(code, new byte[8], 2048)).getEncoded();

    assertThatThrownBy(() -> PrivateKeyFile.read(store, "store.p12", KeyFixtures.passphrase()))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageContaining(
            "it is protected with an algorithm (2.16.840.1.101.3.4.2.8) that is not supported.");
  }

  @Test
  void read_changedContent_isNotTheStoreThatThePassphraseIsOf() throws Exception {
    Pfx original = Pfx.getInstance(KeyFixtures.bytes("test-only-p256-no-encryption.p12"));
    byte[] content = ASN1OctetString.getInstance(original.getAuthSafe().getContent()).getOctets();
    content[content.length - 1] ^= 1;
    byte[] store =
        new Pfx(
                new ContentInfo(PKCSObjectIdentifiers.data, new DEROctetString(content)),
                original.getMacData())
            .getEncoded();

    assertThatThrownBy(() -> PrivateKeyFile.read(store, "store.p12", KeyFixtures.passphrase()))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageEndingWith(DOES_NOT_OPEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"chain", "legacy", "no-mac", "no-encryption"})
  void read_changedBytes_giveTheDeclaredExceptionOnly(String form) {
    byte[] original = KeyFixtures.bytes("test-only-p256-" + form + ".p12");
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 200; i++) {
      byte[] changed = original.clone();
      changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);

      try {
        assertThat(PrivateKeyFile.read(changed, "changed", KeyFixtures.passphrase()).pair())
            .isNotNull();
      } catch (KeyFormatException e) {
        assertThat(e).hasMessageStartingWith("Cannot use changed as a private key: it ");
      }
    }
  }

  @Test
  void isOne_otherContent_isFalse() {
    assertThat(Pkcs12Store.isOne(new byte[0])).isFalse();
    for (String name :
        List.of("test-only-p256.der", "p256-public.der", "chain-root.der", "garbage.bin")) {
      assertThat(Pkcs12Store.isOne(KeyFixtures.bytes(name))).as(name).isFalse();
    }
    byte[] store = KeyFixtures.bytes("test-only-p256-chain.p12");
    assertThat(Pkcs12Store.isOne(store)).isTrue();
    assertThat(Pkcs12Store.isOne(Arrays.copyOf(store, store.length - 1))).isFalse();
  }

  @Test
  void load_pem_hasNoCertificates() throws Exception {
    KeyMaterial material =
        PrivateKeyFile.load(
            KeyFixtures.path("test-only-p256-with-certificate.pem").toString(), NO_PASSPHRASE);

    assertIsP256(material.pair());
    assertThat(material.certificates()).isEmpty();
  }

  @Test
  void load_store_readsIt() throws Exception {
    String path = KeyFixtures.path("test-only-p256-chain.p12").toString();

    KeyMaterial material = PrivateKeyFile.load(path, KeyFixtures.passphrase());

    assertIsP256(PrivateKeyFile.load(path, KeyFixtures.passphrase()).pair());
    assertThat(material.certificates()).hasSize(3);
    assertThat(material).hasToString("KeyMaterial[EC key, 3 certificates]");
  }

  private static boolean isMacValid(Pfx store, Optional<char[]> passphrase) throws Exception {
    return new PKCS12PfxPdu(store)
        .isMacValid(
            new BcPKCS12MacCalculatorBuilderProvider(BcDefaultDigestProvider.INSTANCE),
            passphrase.orElseThrow());
  }

  private static void assertIsP256(KeyPair pair) throws Exception {
    KeyPair expected =
        PrivateKeyFile.read(
                KeyFixtures.bytes("test-only-p256-pkcs8.pem"), "expected", NO_PASSPHRASE)
            .pair();
    assertThat(pair.getPublic()).isEqualTo(expected.getPublic());
    assertThat(pair.getPrivate()).isEqualTo(expected.getPrivate());
  }

  private static KeyMaterial read(String name, Optional<char[]> passphrase)
      throws KeyFormatException {
    return PrivateKeyFile.read(KeyFixtures.bytes(name), name, passphrase);
  }

  /** A store that the JDK writes, in which each alias has the same key. */
  private static byte[] store(List<String> aliases) throws Exception {
    KeyPair pair =
        PrivateKeyFile.read(KeyFixtures.bytes("test-only-p256-pkcs8.pem"), "key", NO_PASSPHRASE)
            .pair();
    Certificate[] chain =
        Stream.of("chain-leaf.pem", "chain.pem")
            .flatMap(name -> certificates(name).stream())
            .toArray(Certificate[]::new);
    char[] passphrase = KeyFixtures.passphrase().orElseThrow();
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (String alias : aliases) {
      store.setKeyEntry(alias, pair.getPrivate(), passphrase, chain);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    store.store(bytes, passphrase);
    return bytes.toByteArray();
  }

  private static List<X509Certificate> certificates(String name) {
    try {
      return CertificateFile.read(
          KeyFixtures.bytes(name), name, CertificateFile.Use.CERTIFICATE_CHAIN);
    } catch (KeyFormatException e) {
      throw new IllegalStateException(e);
    }
  }
}
