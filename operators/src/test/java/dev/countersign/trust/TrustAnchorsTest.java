package dev.countersign.trust;

import static dev.countersign.trust.ChainAssertions.assertChain;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.trust.CertificateForge.Issued;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TrustAnchorsTest {

  private static final List<String> PROPERTIES =
      List.of(
          TrustAnchors.PATH_PROPERTY,
          "javax.net.ssl.trustStorePassword",
          "javax.net.ssl.trustStoreType");

  @TempDir Path folder;

  @AfterEach
  void forgetProperties() {
    PROPERTIES.forEach(System::clearProperty);
  }

  @Test
  void of_nothing_isRefused() {
    assertThatThrownBy(() -> TrustAnchors.of(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("No certificate to trust");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PKCS12", "JKS"})
  void ofJdk_withTheProperty_trustsThatStoreAlone(String type) throws Exception {
    Issued root = CertificateForge.ca("CN=Root").issue();
    Issued leaf = CertificateForge.leaf("CN=Leaf").signedBy(root).issue();
    System.setProperty(TrustAnchors.PATH_PROPERTY, store(type, root).toString());
    System.setProperty("javax.net.ssl.trustStorePassword", "changeit");

    TrustAnchors anchors = TrustAnchors.ofJdk();

    assertThat(anchors.certificates()).containsExactly(root.certificate());
    ChainValidator validator =
        new ChainValidator(anchors, CertificatePurpose.MODEL_SIGNING, RevocationLists.none());
    assertChain(ChainAssertions.validate(validator, leaf), root, leaf);
  }

  @Test
  void ofJdk_withAWrongPassword_saysWhichProperty() throws Exception {
    Path store = store("PKCS12", CertificateForge.ca("CN=Root").issue());
    System.setProperty(TrustAnchors.PATH_PROPERTY, store.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", "wrong");

    assertRefused(
        store,
        "is not a key store, or the system property javax.net.ssl.trustStorePassword does not open"
            + " it");
  }

  @Test
  void ofJdk_withoutTheFile_saysSo() {
    Path missing = folder.resolve("missing");
    System.setProperty(TrustAnchors.PATH_PROPERTY, missing.toString());

    assertRefused(missing, "does not exist on this machine");
  }

  @Test
  void ofJdk_withAnEmptyStore_saysSo() throws Exception {
    Path empty = store("JKS");
    System.setProperty(TrustAnchors.PATH_PROPERTY, empty.toString());

    assertRefused(empty, "holds no trusted certificate");
  }

  @Test
  void ofJdk_withTextInPlaceOfAStore_saysSo() throws Exception {
    Path text = Files.writeString(folder.resolve("text"), "no key store");
    System.setProperty(TrustAnchors.PATH_PROPERTY, text.toString());

    assertRefused(
        text,
        "is not a key store, or the system property javax.net.ssl.trustStorePassword does not open"
            + " it");
  }

  private static void assertRefused(Path store, String problem) {
    assertThatThrownBy(TrustAnchors::ofJdk)
        .isInstanceOf(TrustException.class)
        .hasMessage(
            "Cannot use %s as this JVM's trust store: it %s. Name the certificates to trust with"
                + " 'certificate-chain'.",
            store, problem);
  }

  private Path store(String type, Issued... trusted) throws Exception {
    KeyStore store = KeyStore.getInstance(type);
    store.load(null, null);
    for (Issued one : trusted) {
      store.setCertificateEntry(one.subject().getName(), one.certificate());
    }
    Path file = folder.resolve("store." + type);
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, "changeit".toCharArray());
    }
    return file;
  }
}
