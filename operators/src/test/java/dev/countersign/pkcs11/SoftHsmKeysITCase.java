package dev.countersign.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.keys.EcCurve;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.PassphraseSource;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys in tokens of SoftHSM 2, none of which has a certificate object. */
final class SoftHsmKeysITCase {

  private static final byte[] MESSAGE = "model".getBytes(StandardCharsets.UTF_8);
  private static final String PIN = "5678-é";

  @TempDir private static Path folder;
  private static Path module;
  private static PassphraseSource pin;

  @BeforeAll
  static void makeTokens() throws Exception {
    module = SoftHsm.prepare();
    String tool = "pkcs11-tool --module " + module + " --login --pin '" + PIN + "' ";
    String first = tool + "--token-label 'Release keys' ";
    SoftHsm.run(
        String.join(
            "\n",
            "softhsm2-util --init-token --free --label 'Release keys' --so-pin 1234 --pin '"
                + PIN
                + "'",
            "softhsm2-util --init-token --free --label second --so-pin 1234 --pin '" + PIN + "'",
            first + "--keypairgen --key-type EC:prime256v1 --label p256 --id 01",
            first + "--keypairgen --key-type EC:secp384r1 --label p384 --id 02",
            first + "--keypairgen --key-type EC:secp521r1 --label p521 --id 03",
            first + "--keypairgen --key-type rsa:2048 --label rsa --id 04",
            first + "--keypairgen --key-type EC:prime256v1 --label lone --id 05",
            first + "--delete-object --type pubkey --id 05",
            first + "--keypairgen --key-type rsa:2048 --label lone-rsa --id 06",
            first + "--delete-object --type pubkey --id 06",
            first + "--keypairgen --key-type EC:secp256k1 --label other-curve --id 07",
            first + "--keypairgen --key-type EC:edwards25519 --label ed25519 --id 08",
            first + "--keypairgen --key-type EC:prime256v1 --label twin --id 09",
            first + "--keypairgen --key-type EC:prime256v1 --label twin --id 0a",
            first + "--keypairgen --key-type EC:prime256v1 --label asks --id 0b --always-auth",
            first + "--keypairgen --key-type EC:prime256v1 --label 'clé' --id 0c"));
    pin = PassphraseSource.pin(Files.writeString(folder.resolve("pin"), PIN + "\n").toString(), "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"p256", "p384", "p521", "rsa", "lone-rsa", "asks", "cl%C3%A9"})
  void sign_withAKeyWithoutACertificate_verifies(String label) throws Exception {
    try (TokenKey key = open("token=Release%20keys;object=" + label)) {
      assertThat(verifies(key.publicKey(), key.sign(MESSAGE))).isTrue();
      assertThat(verifies(key.publicKey(), key.sign(MESSAGE))).isTrue();
    }
  }

  @Test
  void open_byEachAttribute_findsTheKey() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link.so"), module);
    Pkcs11Uri uri =
        Pkcs11Uri.parse(
            "pkcs11:manufacturer=SoftHSM%20project;model=SoftHSM%20v2;token=Release%20keys"
                + ";library-manufacturer=SoftHSM;slot-manufacturer=SoftHSM%20project"
                + ";type=private;object=p384;id=%02?module-path="
                + link
                + "&pin-source=file:"
                + pin.file());

    try (TokenKey key =
        TokenKey.open(uri, List.of(), PassphraseSource.pin("", ""), Optional.empty())) {
      assertThat(((ECPublicKey) key.publicKey()).getParams().getOrder().bitLength()).isEqualTo(384);
    }
    try (TokenKey key =
        TokenKey.open(
            Pkcs11Uri.parse("pkcs11:token=Release%20keys;id=%02?module-name=softhsm2"),
            List.of(module.getParent().toString()),
            pin,
            Optional.empty())) {
      assertThat(key.publicKey()).isInstanceOf(ECPublicKey.class);
    }
  }

  @Test
  void sign_inManyThreads_verifies() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(16);
    try (TokenKey key = open("token=Release%20keys;object=p256");
        TokenKey other = open("token=Release%20keys;object=rsa")) {
      List<Future<Boolean>> results =
          Stream.of(key, other)
              .flatMap(
                  one ->
                      Stream.generate(
                              () -> pool.submit(() -> verifies(one.publicKey(), one.sign(MESSAGE))))
                          .limit(100))
              .toList();
      for (Future<Boolean> result : results) {
        assertThat(result.get()).isTrue();
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void open_ofWhatIsNotThere_listsWhatIs() {
    assertThatThrownBy(() -> open("token=nobody;object=p256"))
        .hasMessageStartingWith("No token of the PKCS#11 module /")
        .hasMessageContaining("matches pkcs11:token=nobody;object=p256. Its tokens: ")
        .hasMessageContaining("'Release keys' (slot-id=")
        .hasMessageContaining("'second' (slot-id=")
        .hasMessageNotContaining("''");
    assertThatThrownBy(() -> open("object=p256"))
        .hasMessageStartingWith("More than one token of the PKCS#11 module")
        .hasMessageEndingWith("Add its serial or slot-id to the URI.");
    assertThatThrownBy(() -> open("token=Release%20keys;object=nothing"))
        .hasMessageStartingWith(
            "No private key in the token matches pkcs11:token=Release%20keys;object=nothing."
                + " Its private keys: ")
        .hasMessageContaining("'p384' (id=%02)");
    assertThatThrownBy(() -> open("token=Release%20keys;object=p256;id=%02"))
        .hasMessageContaining("Its private keys: ");
    assertThatThrownBy(() -> open("token=second;object=p256"))
        .hasMessageContaining("It shows no private key.");
    assertThatThrownBy(() -> open("token=Release%20keys;object=twin"))
        .hasMessageContaining("Several private keys in the token match ")
        .hasMessageContaining("'twin' (id=%0a)")
        .hasMessageEndingWith("Name one of them by its id.");
  }

  @Test
  void open_ofAKeyThatSignsNoModels_isRefusedByItsKind() {
    assertThatThrownBy(() -> open("token=Release%20keys;object=ed25519"))
        .hasMessage(
            "The key that the PKCS#11 URI names is an Ed25519 key, and models are signed with keys"
                + " of that kind in files only. Use an EC key on P-256, P-384 or P-521, or an RSA"
                + " key of 2048 to 4096 bits.");
    assertThatThrownBy(() -> open("token=Release%20keys;object=other-curve"))
        .isInstanceOf(KeyFormatException.class)
        .hasMessageContaining("holds an EC key on the curve secp256k1");
    assertThatThrownBy(() -> open("token=Release%20keys;object=lone"))
        .hasMessageContaining("but neither its public key nor a certificate of it")
        .hasMessageContaining("Write the public key to the token, with the same id");
  }

  /** What the certificate says is enough, if it is the key's. */
  @Test
  void open_ofAKeyWithoutPublicKey_takesThatOfTheCallersCertificate() throws Exception {
    PublicKey another;
    try (TokenKey key = open("token=Release%20keys;object=p256")) {
      another = key.publicKey();
    }

    assertThatThrownBy(() -> open("token=Release%20keys;object=lone", Optional.of(another)))
        .hasMessageContaining("does not belong to the public key or certificate");
  }

  @Test
  void open_withAWrongPin_isTriedOnce() throws Exception {
    PassphraseSource wrong =
        PassphraseSource.pin(Files.writeString(folder.resolve("wrong"), "0000").toString(), "");
    Pkcs11Uri uri = Pkcs11Uri.parse("pkcs11:token=second;object=a?module-path=" + module);

    assertThatThrownBy(() -> TokenKey.open(uri, List.of(), wrong, Optional.empty()))
        .hasMessageContaining("refused the PIN in " + wrong.file() + " (CKR_PIN_INCORRECT");
    assertThatThrownBy(() -> TokenKey.open(uri, List.of(), wrong, Optional.empty()))
        .hasMessageContaining("refused the PIN in " + wrong.file() + " (before)");
  }

  /** Each job of a session cluster has a class loader of its own. */
  @Test
  void open_withAWrongPinByTwoJobsOfAProcess_triesItOnce() throws Exception {
    Path wrong = Files.writeString(folder.resolve("wrong-for-jobs"), "not-it-7c0e");
    String uri = "pkcs11:token=second;object=a?module-path=" + module + "&pin-source=file:" + wrong;

    assertThat(failureOfAJob(uri)).contains("refused the PIN in " + wrong + " (CKR_PIN_INCORRECT");
    assertThat(failureOfAJob(uri)).contains("refused the PIN in " + wrong + " (before)");
    Files.setLastModifiedTime(wrong, FileTime.fromMillis(1));
    assertThat(failureOfAJob(uri)).contains("(CKR_PIN_INCORRECT");
    assertThat(failureOfAJob(uri)).contains("(before)");
    assertThat(String.valueOf(System.getProperties())).doesNotContain("not-it-7c0e");
  }

  private static String failureOfAJob(String uri) throws Exception {
    List<URL> classPath = new ArrayList<>();
    for (String entry :
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
            .split(":", -1)) {
      classPath.add(Path.of(entry).toUri().toURL());
    }
    try (URLClassLoader job =
        new URLClassLoader(classPath.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Method opening =
          job.loadClass(SoftHsmKeysITCase.class.getName())
              .getDeclaredMethod("failureOf", String.class);
      opening.setAccessible(true);
      return (String) opening.invoke(null, uri);
    }
  }

  /** Called in another class loader. */
  @SuppressWarnings("unused")
  private static String failureOf(String uri) throws Exception {
    try (TokenKey key =
        TokenKey.open(
            Pkcs11Uri.parse(uri), List.of(), PassphraseSource.pin("", ""), Optional.empty())) {
      return "none: " + key;
    } catch (Pkcs11Exception e) {
      return e.getMessage();
    }
  }

  @Test
  void open_ofAFileThatIsNoModule_saysSo() throws Exception {
    Path library = Files.writeString(folder.resolve("no.so"), "no library");

    assertThatThrownBy(() -> openWith(library))
        .hasMessageStartingWith("The file " + library + " cannot be loaded as a PKCS#11 module (");
    assertThatThrownBy(() -> openWith(folder.resolve("nothing.so")))
        .hasMessageStartingWith("There is no PKCS#11 module " + folder.resolve("nothing.so"))
        .hasMessageContaining("Modules that are installed: ")
        .hasMessageContaining("libsofthsm2.so");
    assertThatThrownBy(() -> openWith(folder))
        .hasMessageContaining("names no module. Add the shared library");
  }

  private static TokenKey openWith(Path file) throws Exception {
    return TokenKey.open(
        Pkcs11Uri.parse("pkcs11:object=a?module-path=" + file), List.of(), pin, Optional.empty());
  }

  private static TokenKey open(String path) throws Exception {
    return open(path, Optional.empty());
  }

  private static TokenKey open(String path, Optional<PublicKey> certified) throws Exception {
    return TokenKey.open(
        Pkcs11Uri.parse("pkcs11:" + path + "?module-path=" + module), List.of(), pin, certified);
  }

  private static boolean verifies(PublicKey key, byte[] signature) throws Exception {
    Signature verifier =
        Signature.getInstance(
            key instanceof ECPublicKey ec
                ? EcCurve.of(ec).orElseThrow().signatureAlgorithm()
                : "SHA256withRSA");
    verifier.initVerify(key);
    verifier.update(MESSAGE);
    return verifier.verify(signature);
  }
}
