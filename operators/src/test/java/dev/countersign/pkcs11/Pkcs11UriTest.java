package dev.countersign.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** URIs by RFC 7512. */
final class Pkcs11UriTest {

  private static final String KEY = "pkcs11:token=oms;object=k1";

  @Test
  void uri_withEachAttribute_isReadDecoded() throws Exception {
    Pkcs11Uri uri =
        Pkcs11Uri.parse(
            "pkcs11:token=My%20token%3B;manufacturer=Piv_II;serial=00%2f1;model=v2;slot-id=4294967295"
                + ";object=cl%C3%A9=1&2;type=private;id=%00%fFA;library-version=2.6"
                + "?module-path=/usr/lib/a%20b.so&pin-source=file:/etc/pin");

    assertThat(uri.attributes())
        .containsEntry("token", "My token;")
        .containsEntry("manufacturer", "Piv_II")
        .containsEntry("serial", "00/1")
        .containsEntry("object", "clé=1&2")
        .containsEntry("library-version", "2.6");
    assertThat(uri.slot()).contains(0xFFFF_FFFFL);
    assertThat(uri.id()).isEqualTo("00ff41");
    assertThat(uri.keyId().orElseThrow()).containsExactly(0, 0xff, 'A');
    assertThat(uri.modulePath()).isEqualTo("/usr/lib/a b.so");
    assertThat(uri.pinFile()).isEqualTo("/etc/pin");
    assertThat(uri.toString()).doesNotContain("pin", "module").startsWith("pkcs11:token=My%20");
  }

  @Test
  void uri_thatNamesLittle_isRead() throws Exception {
    Pkcs11Uri uri = Pkcs11Uri.parse("PKCS11:id=%01?module-name=softhsm2");

    assertThat(uri.attributes()).isEmpty();
    assertThat(uri.slot()).isEmpty();
    assertThat(uri.moduleName()).isEqualTo("softhsm2");
    assertThat(uri.pinFile()).isEmpty();
  }

  /** As the reference client takes them. */
  @Test
  void uri_withCharactersThatShouldBeEncoded_isReadAsItStands() throws Exception {
    Pkcs11Uri uri = Pkcs11Uri.parse("pkcs11:token=My token é/;object=a&b?module-path=/a?b;c");

    assertThat(uri.attributes())
        .containsEntry("token", "My token é/")
        .containsEntry("object", "a&b");
    assertThat(uri.modulePath()).isEqualTo("/a?b;c");
  }

  @ParameterizedTest
  @CsvSource({
    "file:/run/pin,/run/pin",
    "file:///run/pin,/run/pin",
    "file://localhost/run/pin,/run/pin",
    "FILE:/run/pin,/run/pin",
    "/run/my%20pin,/run/my pin",
    "file:%2Frun%2Fpin,/run/pin"
  })
  void pinSource_ofAFile_isItsPath(String source, String file) throws Exception {
    assertThat(Pkcs11Uri.parse(KEY + "?pin-source=" + source).pinFile()).isEqualTo(file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"file:run/pin", "file://host/pin", "|/bin/pin", "env:PIN", "file:", ""})
  void pinSource_thatIsNoFile_isRefused(String source) {
    assertThatThrownBy(() -> Pkcs11Uri.parse(KEY + "?pin-source=" + source))
        .isInstanceOf(Pkcs11Exception.class)
        .hasMessage(
            "The PKCS#11 URI has a pin-source that is not a file on this machine. Write"
                + " pin-source=file:FILE with the absolute path of a file, or name a variable of"
                + " the environment with 'pin-env'.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        KEY + "?pin-value=8713",
        KEY + ";pin-value=8713",
        KEY + "?module-path=/m.so&pin-value=8713",
        "pkcs11:?pin-value=%388713%",
        KEY + "?pin-value=8713&pin-value=8713"
      })
  void pinValue_isRefusedByNameAndNotShown(String uri) {
    assertThatThrownBy(() -> Pkcs11Uri.parse(uri))
        .isInstanceOf(Pkcs11Exception.class)
        .hasMessageStartingWith(
            "The PKCS#11 URI holds a PIN in pin-value, which others can read in the list of"
                + " processes. Write the PIN into a file")
        .hasMessageContaining("pin-source=file:FILE")
        .hasMessageContaining("'pin-env'")
        .hasMessageNotContaining("8713");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pkcs12:token=a;object=b | does not begin with pkcs11:. Name a key as in",
        "/dev/token | does not begin with pkcs11:",
        "pkcs11: | names no key. Name its label with object=LABEL or its id with id=%XX.",
        "pkcs11:token=a | names no key",
        "pkcs11:token=a;id= | names no key",
        "pkcs11:token=a;;object=b | has something else than NAME=VALUE before or after a ';'",
        "pkcs11:object=b; | has something else than NAME=VALUE",
        "pkcs11:object | has something else than NAME=VALUE",
        "pkcs11:=b | has something else than NAME=VALUE",
        "pkcs11:object=b?& | has something else than NAME=VALUE before or after a '&'",
        "pkcs11:object=b?1234 | has something else than NAME=VALUE before or after a '&'. Write",
        "pkcs11:object=a;object=b | names object twice",
        "pkcs11:object=a?module-path=/a&module-path=/b | names module-path twice",
        "pkcs11:object=a;Token=b | has the attribute 'Token', which is not known. Known are,",
        "pkcs11:object=a?x-pin=1234 | has the attribute 'x-pin', which is not known",
        "pkcs11:object=a;module-path=/b | has the attribute module-path before the '?'. It belongs"
            + " after",
        "pkcs11:object=a?token=b | has the attribute token after the '?'. It belongs before",
        "pkcs11:object=% | has a % in object without two hexadecimal digits after it",
        "pkcs11:object=%4 | has a % in object without two",
        "pkcs11:object=%4G | has a % in object without two",
        "pkcs11:object=%C3 | holds bytes in object that are not UTF-8. Of all attributes, id alone",
        "pkcs11:object=%ED%A0%80 | holds bytes in object that are not UTF-8",
        "pkcs11:object=a;type=public | has the type 'public', and a private key signs",
        "pkcs11:object=a;slot-id=x | has the slot-id 'x'. It must be a number from 0 to"
            + " 4294967295.",
        "pkcs11:object=a;slot-id=-1 | has the slot-id '-1'",
        "pkcs11:object=a;slot-id=4294967296 | has the slot-id '4294967296'",
        "pkcs11:object=a?module-path=lib.so | has the module-path 'lib.so', which is not absolute",
      })
  void uri_thatBreaksARule_isRefusedByItsAttribute(String uri, String problem) {
    assertThatThrownBy(() -> Pkcs11Uri.parse(uri))
        .isInstanceOf(Pkcs11Exception.class)
        .hasMessageStartingWith("The PKCS#11 URI " + problem)
        .hasMessageNotContaining("1234");
  }

  @Test
  void uri_thatIsVeryLong_isRefused() {
    assertThatThrownBy(() -> Pkcs11Uri.parse("pkcs11:object=" + "a".repeat(9000)))
        .hasMessage("The PKCS#11 URI is longer than 8192 characters. Check 'pkcs11-uri'.");
  }
}
