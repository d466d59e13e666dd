package dev.countersign.oms;

import static dev.countersign.oms.OmsAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.oms.LogEntry.InclusionProof;
import dev.countersign.oms.VerificationMaterial.CertificateChain;
import dev.countersign.oms.VerificationMaterial.PublicKeyHint;
import dev.countersign.oms.VerificationMaterial.PublicKeyRaw;
import dev.countersign.oms.VerificationMaterial.SigstoreCertificate;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BundleJsonTest {

  private static final String BUNDLE =
      "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\","
          + "\"verificationMaterial\":{\"publicKey\":{\"hint\":\"0a\"},\"tlogEntries\":[]},"
          + "\"dsseEnvelope\":{\"payload\":\"e30/Pz4+\","
          + "\"payloadType\":\"application/vnd.in-toto+json\","
          + "\"signatures\":[{\"sig\":\"AQID\",\"keyid\":\"\"}]}}";

  private static final String HINT = "\"publicKey\":{\"hint\":\"0a\"}";

  @Test
  void write_ofAKeyBundle_givesTheGoldenBytes() throws OmsException {
    Bundle bundle = new Bundle(new PublicKeyHint("0a"), envelope(bytes("{}??>>")));

    assertThat(new String(BundleJson.write(bundle), StandardCharsets.UTF_8)).isEqualTo(BUNDLE);
  }

  static Stream<VerificationMaterial> writableMaterials() {
    return Stream.of(
        new PublicKeyHint(""),
        new PublicKeyRaw(bytes("-----BEGIN")),
        new CertificateChain(List.of(bytes("leaf"), bytes("root"))));
  }

  @ParameterizedTest
  @MethodSource("writableMaterials")
  void read_ofWhatWasWritten_givesTheSameBundle(VerificationMaterial material) throws OmsException {
    Bundle bundle = new Bundle(material, envelope(bytes("{}")));

    assertThat(read(BundleJson.write(bundle))).isEqualTo(bundle);
  }

  @Test
  void read_ofWrittenTimestamps_givesThemInOrder() throws OmsException {
    Bundle bundle =
        new Bundle(
            new PublicKeyHint("0a"),
            envelope(bytes("{}")),
            List.of(new SignedTimestamp(bytes("first")), new SignedTimestamp(bytes("second"))),
            List.of());

    assertThat(read(BundleJson.write(bundle))).isEqualTo(bundle);
  }

  @Property
  void read_ofAnyPayload_givesItBack(@ForAll @Size(min = 1) byte[] payload) throws OmsException {
    Bundle bundle = new Bundle(new PublicKeyHint("0a"), envelope(payload));

    assertThat(read(BundleJson.write(bundle)).envelope().payload()).isEqualTo(payload);
  }

  @Test
  void write_ofASigstoreBundleWithoutLogEntries_isRefused() {
    Bundle bundle = new Bundle(new SigstoreCertificate(bytes("c")), envelope(bytes("{}")));

    assertThatThrownBy(() -> BundleJson.write(bundle))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a Sigstore bundle cannot be written without log entries");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/vnd.dev.sigstore.bundle+json;version=0.1",
        "application/vnd.dev.sigstore.bundle+json;version=0.2",
        "application/vnd.dev.sigstore.bundle+json;version=0.3"
      })
  void read_ofAnotherVersionOfTheFormat_passes(String mediaType) throws OmsException {
    String bundle = edited("application/vnd.dev.sigstore.bundle.v0.3+json", mediaType);

    assertThat(read(bytes(bundle)).material()).isEqualTo(new PublicKeyHint("0a"));
    assertThat(read(bytes(bundle)).mediaType()).isEqualTo(mediaType);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/vnd.dev.sigstore.bundle.v0.1+json",
        "application/vnd.dev.sigstore.bundle.v0.2+json",
        "application/vnd.dev.sigstore.bundle.v0.4+json",
        "application/vnd.dev.sigstore.bundle.v0.3+json ",
        "application/vnd.dev.sigstore.bundle+json;version=0.4",
        "application/vnd.dev.sigstore.bundle+json;version=0.10",
        "application/vnd.dev.sigstore.bundle+json; version=0.3",
        "application/vnd.dev.sigstore.bundle+json",
        "Application/vnd.dev.sigstore.bundle.v0.3+json",
      })
  void read_ofUnsupportedMediaType_namesIt(String mediaType) {
    String bundle = edited("application/vnd.dev.sigstore.bundle.v0.3+json", mediaType);

    assertRefused(
        () -> read(bytes(bundle)),
        OmsException.Kind.MALFORMED,
        "The bundle's field /mediaType is \""
            + mediaType
            + "\", and supported are application/vnd.dev.sigstore.bundle.v0.3+json and"
            + " application/vnd.dev.sigstore.bundle+json with version=0.1, 0.2 or 0.3.");
  }

  /** Tools wrap base64 at 64 or 76 characters, and both other clients skip the line ends. */
  @ParameterizedTest
  @ValueSource(strings = {"AQ\\nID", "A\\r\\nQID\\r\\n", "\\u000aAQ\\u000DID", "AQI\\rD\\n"})
  void read_ofBase64WithLineEnds_skipsThem(String base64) throws OmsException {
    assertThat(read(bytes(edited("AQID", base64))).envelope().signature()).containsExactly(1, 2, 3);
  }

  @Test
  void read_ofPaddedBase64WithLineEnds_keepsPaddingStrict() throws OmsException {
    assertThat(read(bytes(edited("AQID", "AQ=\\n="))).envelope().signature()).containsExactly(1);
    for (String bad : List.of("AQ=\\n", "A\\nR==", "AQ\\t==", "AQ\\b==", "AQ\n==")) {
      assertRefused(() -> read(bytes(edited("AQID", bad))), OmsException.Kind.MALFORMED, "bundle");
    }
  }

  static Stream<Arguments> materials() {
    return Stream.of(
        Arguments.of("\"publicKey\":{\"rawBytes\":\"AQ==\"}", SignatureMethod.KEY),
        Arguments.of("\"publicKey\":{}", SignatureMethod.KEY),
        Arguments.of(
            "\"x509CertificateChain\":{\"certificates\":[{\"rawBytes\":\"AQ==\"}]}",
            SignatureMethod.CERTIFICATE),
        Arguments.of("\"certificate\":{\"rawBytes\":\"AQ==\"}", SignatureMethod.CERTIFICATE));
  }

  @ParameterizedTest
  @MethodSource("materials")
  void read_ofEachMaterial_tellsItsMethod(String material, SignatureMethod method)
      throws OmsException {
    assertThat(read(bytes(edited(HINT, material))).material().method()).isEqualTo(method);
  }

  @Test
  void read_ofACertificateWithoutLogEntries_isAChainOfOne() throws OmsException {
    String bundle = edited(HINT, "\"certificate\":{\"rawBytes\":\"AQ==\"}");

    assertThat(read(bytes(bundle)).material())
        .isEqualTo(new CertificateChain(List.of(new byte[] {1})));
  }

  @Test
  void read_ofACertificateWithALogEntry_isSigstores() throws OmsException {
    String bundle =
        edited(HINT, "\"certificate\":{\"rawBytes\":\"AQ==\"}")
            .replace("\"tlogEntries\":[]", "\"tlogEntries\":[{}]");

    assertThat(read(bytes(bundle)).material()).isEqualTo(new SigstoreCertificate(new byte[] {1}));
  }

  @Test
  void write_ofASigstoreBundle_givesTheGoldenBytes() throws OmsException {
    LogEntry first =
        new LogEntry(
            0,
            bytes("log"),
            "hashedrekord",
            "0.0.2",
            0,
            new byte[0],
            Optional.of(
                new InclusionProof(
                    0, bytes("root"), 2, List.of(bytes("sibling")), "log.test\n2\n")),
            bytes("{}"));

    String written =
        new String(
            BundleJson.write(
                new Bundle(
                    new SigstoreCertificate(bytes("leaf")),
                    envelope(bytes("{}??>>")),
                    List.of(new SignedTimestamp(bytes("time"))),
                    List.of(first))),
            StandardCharsets.UTF_8);

    assertThat(written)
        .isEqualTo(
            edited(
                HINT + ",\"tlogEntries\":[]",
                "\"certificate\":{\"rawBytes\":\"bGVhZg==\"},\"tlogEntries\":[{\"logIndex\":\"0\","
                    + "\"logId\":{\"keyId\":\"bG9n\"},"
                    + "\"kindVersion\":{\"kind\":\"hashedrekord\",\"version\":\"0.0.2\"},"
                    + "\"inclusionProof\":{\"logIndex\":\"0\",\"rootHash\":\"cm9vdA==\","
                    + "\"treeSize\":\"2\",\"hashes\":[\"c2libGluZw==\"],"
                    + "\"checkpoint\":{\"envelope\":\"log.test\\n2\\n\"}},"
                    + "\"canonicalizedBody\":\"e30=\"}],"
                    + timestamps("{\"signedTimestamp\":\"dGltZQ==\"}")));
  }

  @Test
  void read_ofWrittenLogEntries_givesTheSame() throws OmsException {
    InclusionProof proof =
        new InclusionProof(
            Long.MAX_VALUE,
            bytes("root"),
            7,
            List.of(bytes("a"), bytes("b")),
            "origin\n\u2014 s\n");
    LogEntry whole =
        new LogEntry(
            Long.MAX_VALUE,
            bytes("id"),
            "dsse",
            "0.0.1",
            1_700_000_000,
            bytes("promise"),
            Optional.of(proof),
            bytes("body"));
    LogEntry empty =
        new LogEntry(-1, new byte[0], "", "", 0, new byte[0], Optional.empty(), new byte[0]);
    Bundle bundle =
        new Bundle(
            new SigstoreCertificate(bytes("leaf")),
            envelope(bytes("{}")),
            List.of(),
            List.of(whole, empty));

    assertThat(read(BundleJson.write(bundle))).isEqualTo(bundle);
  }

  /** Numbers of 64 bits are strings in this JSON; a field that is null is not there. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"logIndex\":\"17\"}",
        "{\"logIndex\":17,\"x\":[{}],\"integratedTime\":0,\"logId\":null}",
        "{\"logIndex\":\"17\",\"inclusionPromise\":null,\"inclusionProof\":null}",
        "{\"integratedTime\":null,\"logIndex\":17.0,\"kindVersion\":{},\"logId\":{}}"
      })
  void read_ofALogEntry_takesEachSpelling(String entry) throws OmsException {
    LogEntry expected =
        new LogEntry(17, new byte[0], "", "", 0, new byte[0], Optional.empty(), new byte[0]);

    assertThat(read(bytes(withEntry(entry))).logEntries()).containsExactly(expected);
  }

  @Test
  void read_ofAnEntryWithoutIndex_isTheFirstOfTheLog() throws OmsException {
    assertThat(read(bytes(withEntry("{}"))).logEntries().get(0).logIndex()).isZero();
  }

  static Stream<Arguments> brokenEntries() {
    String malformed = "MALFORMED";
    return Stream.of(
        Arguments.of("2", malformed, "tlogEntries/0 should be an object"),
        Arguments.of("null", malformed, "tlogEntries/0 should be an object"),
        Arguments.of("{},{\"logIndex\":\"x\"}", malformed, "1/logIndex is not a whole number"),
        Arguments.of("{\"logIndex\":\"+1\"}", malformed, "logIndex is not a whole number"),
        Arguments.of("{\"logIndex\":\"\u0661\"}", malformed, "logIndex is not a whole number"),
        Arguments.of("{\"logIndex\":\"\"}", malformed, "logIndex is not a whole number"),
        Arguments.of("{\"logIndex\":1.5}", malformed, "logIndex is not a whole number"),
        Arguments.of("{\"logIndex\":9223372036854775808}", malformed, "not a whole number of 64"),
        Arguments.of("{\"integratedTime\":[]}", malformed, "integratedTime should be a number"),
        Arguments.of("{\"logIndex\":1,\"logIndex\":2}", malformed, "Duplicate field 'logIndex'"),
        Arguments.of("{\"logId\":\"AQ==\"}", malformed, "logId should be an object"),
        Arguments.of("{\"logId\":{\"keyId\":\"A\"}}", malformed, "keyId is not base64"),
        Arguments.of("{\"kindVersion\":{\"kind\":1}}", malformed, "kind should be a string"),
        Arguments.of(
            "{\"inclusionPromise\":{\"signedEntryTimestamp\":\"\"}}", malformed, "mp is empty"),
        Arguments.of("{\"inclusionProof\":[]}", malformed, "inclusionProof should be an object"),
        Arguments.of(
            "{\"inclusionProof\":{\"hashes\":[\"AQ==\"" + ",\"AQ==\"".repeat(64) + "]}}",
            "TOO_LARGE",
            "inclusionProof/hashes has more than 64 elements"),
        Arguments.of(
            "{\"inclusionProof\":{\"checkpoint\":{\"envelope\":\"" + "x".repeat(16385) + "\"}}}",
            "TOO_LARGE",
            "checkpoint/envelope has more than 16384 bytes"),
        Arguments.of(
            "{\"logId\":{\"keyId\":\"" + "AAAA".repeat(342) + "\"}}",
            "TOO_LARGE",
            "logId/keyId has more than 1024 bytes"),
        Arguments.of(
            "{\"canonicalizedBody\":\"" + "AAAA".repeat(87_382) + "\"}",
            "TOO_LARGE",
            "canonicalizedBody has more than 262144 bytes"),
        Arguments.of("{},".repeat(16) + "{}", "TOO_LARGE", "tlogEntries has more than 16 elements"),
        Arguments.of("{\"canonicalizedBody\":{}}", malformed, "canonicalizedBody should be a str"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("brokenEntries")
  void read_ofABrokenLogEntry_namesTheField(String entry, OmsException.Kind kind, String message) {
    assertRefused(() -> read(bytes(withEntry(entry))), kind, message);
  }

  private static String withEntry(String entries) {
    return edited("\"tlogEntries\":[]", "\"tlogEntries\":[" + entries + "]");
  }

  static Stream<Arguments> acceptedEdits() {
    return Stream.of(
        Arguments.of("no log entries", ",\"tlogEntries\":[]", ""),
        Arguments.of("log entries", "\"tlogEntries\":[]", "\"tlogEntries\":[{},{}]"),
        Arguments.of("log entries of null", "\"tlogEntries\":[]", "\"tlogEntries\":null"),
        Arguments.of("a keyid", "\"keyid\":\"\"", "\"keyid\":\"k\""),
        Arguments.of("a keyid of null", "\"keyid\":\"\"", "\"keyid\":null"),
        Arguments.of("no keyid", ",\"keyid\":\"\"", ""),
        Arguments.of("fields that are not known", "{\"mediaType\"", "{\"x\":[{}],\"mediaType\""),
        Arguments.of("escaped slashes", "e30/", "e30\\/"),
        Arguments.of("escapes by number", "Pz4+", "Pz4\\u002B"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("acceptedEdits")
  void read_withWhatIsAllowed_givesTheSamePayload(String label, String from, String to)
      throws OmsException {
    Envelope envelope = read(bytes(edited(from, to))).envelope();

    assertThat(envelope.payload()).isEqualTo(bytes("{}??>>"));
    assertThat(envelope.signature()).containsExactly(1, 2, 3);
  }

  static Stream<Arguments> brokenBundles() {
    String malformed = "MALFORMED";
    return Stream.of(
        Arguments.of("\"mediaType\"", "\"m\"", malformed, "field /mediaType is missing"),
        Arguments.of("v0.3+json", "v1.0+json", malformed, "v1.0+json\", and supported are"),
        Arguments.of("\"verificationMaterial\"", "\"v\"", malformed, "verificationMaterial is mis"),
        Arguments.of("\"dsseEnvelope\"", "\"messageSignature\"", malformed, "dsseEnvelope is miss"),
        Arguments.of(HINT, "\"x\":1", malformed, "has none of publicKey"),
        Arguments.of(
            HINT,
            HINT + ",\"certificate\":{\"rawBytes\":\"AQ==\"}",
            malformed,
            "/verificationMaterial/certificate is a second one"),
        Arguments.of(HINT, "\"publicKey\":null", malformed, "publicKey should be an object"),
        Arguments.of("\"hint\":\"0a\"", "\"hint\":1", malformed, "hint should be a string"),
        Arguments.of("\"hint\":\"0a\"", "\"rawBytes\":\"\"", malformed, "rawBytes is empty"),
        Arguments.of(HINT, "\"x509CertificateChain\":{}", malformed, "has no certificates"),
        Arguments.of(
            HINT,
            "\"x509CertificateChain\":{\"certificates\":[{}]}",
            malformed,
            "certificates/0/rawBytes is missing"),
        Arguments.of(
            HINT,
            "\"x509CertificateChain\":{\"certificates\":["
                + "{\"rawBytes\":\"AQ==\"},".repeat(16)
                + "{}]}",
            "TOO_LARGE",
            "x509CertificateChain/certificates has more than 16 elements"),
        Arguments.of("\"tlogEntries\":[]", "\"tlogEntries\":{}", malformed, "should be an array"),
        Arguments.of(
            "\"tlogEntries\":[]", timestamps("{}"), malformed, "0/signedTimestamp is missing"),
        Arguments.of(
            "\"tlogEntries\":[]",
            timestamps("{\"signedTimestamp\":\"AQ==\"},".repeat(16) + "{}"),
            "TOO_LARGE",
            "rfc3161Timestamps has more than 16 elements"),
        Arguments.of("vnd.in-toto+json", "json", malformed, "payloadType is \"application/json\""),
        Arguments.of("\"payload\"", "\"p\"", malformed, "/dsseEnvelope/payload is missing"),
        Arguments.of("\"payloadType\"", "\"t\"", malformed, "/dsseEnvelope/payloadType is missing"),
        Arguments.of("\"signatures\"", "\"s\"", malformed, "/dsseEnvelope/signatures is missing"),
        Arguments.of("\"sig\"", "\"s\"", malformed, "/dsseEnvelope/signatures/0/sig is missing"),
        Arguments.of("[{\"sig\"", "[{\"sig\":\"AQID\"},{\"sig\"", malformed, "second signature"),
        Arguments.of("[{\"sig\":\"AQID\",\"keyid\":\"\"}]", "[]", malformed, "exactly one sign"),
        Arguments.of("\"keyid\":\"\"", "\"keyid\":0", malformed, "keyid should be a string"),
        Arguments.of("\"sig\":\"AQID\"", "\"sig\":\"\"", malformed, "sig is empty"),
        Arguments.of("AQID", "AQI", malformed, "sig is not base64"),
        Arguments.of("AQID", "AQ", malformed, "sig is not base64"),
        Arguments.of("AQID", "AQ ID", malformed, "sig is not base64"),
        Arguments.of("AQID", "AQ\\tID", malformed, "sig is not base64"),
        Arguments.of("AQID", "AQID====", malformed, "sig is not base64"),
        Arguments.of("AQID", "AQ==ID==", malformed, "sig is not base64"),
        Arguments.of("AQID", "AR==", malformed, "sig is not base64"),
        Arguments.of("AQID", "AQ=", malformed, "sig is not base64"),
        Arguments.of("AQID", "AQJ=", malformed, "sig is not base64"),
        Arguments.of("AQID", "A-_D", malformed, "sig is not base64"),
        Arguments.of("AQID", "AQI\\u00e9", malformed, "sig is not base64"),
        Arguments.of("AQID", "AQI\\u0144", malformed, "sig is not base64"),
        Arguments.of("AQID", "AQI\u00e9", malformed, "sig is not base64"));
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @MethodSource("brokenBundles")
  void read_withABrokenRule_namesIt(
      String from, String to, OmsException.Kind kind, String message) {
    String broken = edited(from, to);

    assertRefused(() -> read(bytes(broken)), kind, message);
  }

  @Test
  void read_ofEveryTruncation_isRefused() {
    byte[] whole = bytes(BUNDLE);

    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertRefused(() -> read(cut), OmsException.Kind.MALFORMED, "The bundle");
    }
  }

  private static String timestamps(String elements) {
    return "\"timestampVerificationData\":{\"rfc3161Timestamps\":[" + elements + "]}";
  }

  private static Envelope envelope(byte[] payload) {
    return new Envelope(Envelope.PAYLOAD_TYPE, payload, new byte[] {1, 2, 3}, "");
  }

  private static String edited(String from, String to) {
    assertThat(BUNDLE).as("what the edit replaces").contains(from);
    return BUNDLE.replace(from, to);
  }

  private static Bundle read(byte[] json) throws OmsException {
    return BundleJson.read(json, OmsBounds.defaults());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
