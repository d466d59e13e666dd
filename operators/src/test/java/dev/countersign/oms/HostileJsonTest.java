package dev.countersign.oms;

import static dev.countersign.oms.OmsAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON that is not JSON, or too much of it, as a bundle and as a statement. */
final class HostileJsonTest {

  private static final OmsException.Kind MALFORMED = OmsException.Kind.MALFORMED;
  private static final OmsException.Kind TOO_LARGE = OmsException.Kind.TOO_LARGE;

  static Stream<Arguments> hostileDocuments() {
    return Stream.of(
        Arguments.of("nothing", "", MALFORMED, "is empty, where a JSON object should be"),
        Arguments.of("white space", " \n", MALFORMED, "is empty"),
        Arguments.of("an array", "[]", MALFORMED, "is not a JSON object"),
        Arguments.of("a string", "\"x\"", MALFORMED, "is not a JSON object"),
        Arguments.of("prose", "Not Found", MALFORMED, "is not a JSON object"),
        Arguments.of("a byte order mark", "\ufeff{}", MALFORMED, "is not a JSON object"),
        Arguments.of("an end too early", "{", MALFORMED, "Unexpected end-of-input"),
        Arguments.of("an end in a string", "{\"a\":\"b", MALFORMED, "Unexpected end-of-input"),
        Arguments.of("duplicate fields", "{\"a\":1,\"a\":1}", MALFORMED, "Duplicate field 'a'"),
        Arguments.of(
            "duplicates by an escape", "{\"a\":1,\"\\u0061\":1}", MALFORMED, "Duplicate field"),
        Arguments.of(
            "duplicates deep down", "{\"a\":[{\"b\":1,\"b\":2}]}", MALFORMED, "Duplicate field"),
        Arguments.of("NaN", "{\"a\":NaN}", MALFORMED, "not valid JSON"),
        Arguments.of("infinity", "{\"a\":-Infinity}", MALFORMED, "not valid JSON"),
        Arguments.of("a comment", "{\"a\":1/**/}", MALFORMED, "not valid JSON"),
        Arguments.of("single quotes", "{'a':1}", MALFORMED, "not valid JSON"),
        Arguments.of("no quotes", "{a:1}", MALFORMED, "not valid JSON"),
        Arguments.of("a comma too many", "{\"a\":1,}", MALFORMED, "not valid JSON"),
        Arguments.of("a leading zero", "{\"a\":01}", MALFORMED, "not valid JSON"),
        Arguments.of("a leading plus", "{\"a\":+1}", MALFORMED, "not valid JSON"),
        Arguments.of("a raw line feed", "{\"a\":\"\n\"}", MALFORMED, "not valid JSON"),
        Arguments.of("a raw NUL", "{\"a\":\"\0\"}", MALFORMED, "not valid JSON"),
        Arguments.of("half an escape", "{\"a\":\"\\u12\"}", MALFORMED, "not valid JSON"),
        Arguments.of("an unknown escape", "{\"a\":\"\\x41\"}", MALFORMED, "not valid JSON"),
        Arguments.of("a lone high half", "{\"a\":\"\\ud800\"}", MALFORMED, "byte 6 that is half"),
        Arguments.of("a lone low half", "{\"a\":\"\\uDC00\"}", MALFORMED, "half of a surrogate"),
        Arguments.of("halves in reverse", "{\"a\":\"\\udc00\\ud800\"}", MALFORMED, "half of a"),
        Arguments.of("a half and a letter", "{\"a\":\"\\ud800\\u0061\"}", MALFORMED, "half of a"),
        Arguments.of("a half in a name", "{\"\\ud800\":1}", MALFORMED, "half of a surrogate"),
        Arguments.of("mismatched ends", "{\"a\":[}", MALFORMED, "not valid JSON"),
        Arguments.of("an end too early", "{\"a\":1", MALFORMED, "not valid JSON"),
        Arguments.of("depth", "{\"a\":" + "[".repeat(100_000), TOO_LARGE, "goes beyond a limit"),
        Arguments.of(
            "depth by objects", "{\"a\":".repeat(100_000), TOO_LARGE, "goes beyond a limit"),
        Arguments.of("a long number", "{\"a\":" + "1".repeat(65) + "}", TOO_LARGE, "beyond a"),
        Arguments.of("a long name", "{\"" + "a".repeat(5000) + "\":1}", TOO_LARGE, "beyond a"),
        Arguments.of(
            "a name for the terminal",
            "{\"\\u001b[2J\":1,\"\\u001b[2J\":1}",
            MALFORMED,
            "\\u001b"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostileDocuments")
  void read_ofAHostileDocument_saysWhy(
      String label, String json, OmsException.Kind kind, String message) {
    byte[] bytes = bytes(json);

    assertRefused(() -> BundleJson.read(bytes, OmsBounds.defaults()), kind, message);
    assertRefused(() -> Statement.read(bytes, OmsBounds.defaults()), kind, message);
  }

  static Stream<Arguments> brokenEncodings() {
    return Stream.of(
        Arguments.of("a byte of no character", new int[] {0xff}),
        Arguments.of("a continuation alone", new int[] {0x80}),
        Arguments.of("a character cut off", new int[] {0xe6, 0xa8}),
        Arguments.of("two bytes for a slash", new int[] {0xc0, 0xaf}),
        Arguments.of("three bytes for a slash", new int[] {0xe0, 0x80, 0xaf}),
        Arguments.of("an encoded surrogate", new int[] {0xed, 0xa0, 0x80}),
        Arguments.of("a pair of them", new int[] {0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80}),
        Arguments.of("beyond U+10FFFF", new int[] {0xf4, 0x90, 0x80, 0x80}));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("brokenEncodings")
  void read_ofWhatIsNotUtf8_saysWhere(String label, int[] broken) {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    json.writeBytes(bytes("{\"a\":\"" + "x".repeat(9000)));
    for (int b : broken) {
      json.write(b);
    }
    json.writeBytes(bytes("\"}"));

    assertRefused(
        () -> BundleJson.read(json.toByteArray(), OmsBounds.defaults()),
        MALFORMED,
        "its byte 9006 is not UTF-8");
  }

  @Test
  void read_ofOtherEncodings_isRefused() {
    for (String encoding : List.of("UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE")) {
      byte[] json = "{\"a\":1}".getBytes(Charset.forName(encoding));
      assertRefused(
          () -> BundleJson.read(json, OmsBounds.defaults()),
          MALFORMED,
          "not a JSON object in UTF-8");
    }
  }

  @Test
  void read_ofALongerDocumentThanTheBound_isRefusedUnread() {
    OmsBounds bounds = new OmsBounds(10, 1, 1, 1, 1);

    assertRefused(
        () -> BundleJson.read(new byte[11], bounds), TOO_LARGE, "11 bytes, more than the limit");
    assertRefused(() -> BundleJson.read(new byte[10], bounds), MALFORMED, "not a JSON object");
  }

  @ParameterizedTest(name = "[{index}]")
  @MethodSource("tails")
  void read_withBytesAfterTheEnd_isRefused(String tail) {
    byte[] good = goodBundle();
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    json.writeBytes(good);
    json.writeBytes(bytes(tail));

    Throwable withSpace =
        catchThrowable(() -> BundleJson.read(append(good, " \n"), OmsBounds.defaults()));

    assertThat(withSpace).as("white space may follow").isNull();
    assertRefused(
        () -> BundleJson.read(json.toByteArray(), OmsBounds.defaults()), MALFORMED, "The bundle");
  }

  static Stream<String> tails() {
    return Stream.of("{}", "x", "\0", "}", "null", "1", ",");
  }

  /** Names that share a hash would make a naive table quadratic. */
  @Test
  void read_ofManyFieldNamesWithOneHash_endsSoonAndCleanly() {
    StringBuilder json = new StringBuilder("{\"x\":{");
    for (int i = 0; i < 900; i++) {
      json.append(i == 0 ? "\"" : ",\"");
      for (int bit = 0; bit < 14; bit++) {
        json.append((i >> bit & 1) == 0 ? "Aa" : "BB");
      }
      json.append("\":1");
    }
    byte[] bytes = bytes(json.append("}}").toString());

    assertRefused(
        () -> BundleJson.read(bytes, OmsBounds.defaults()), MALFORMED, "mediaType is missing");
  }

  /** The parser remembers every name: in one object to find it twice, in others to find it fast. */
  @ParameterizedTest
  @ValueSource(strings = {",", "},{"})
  void read_ofManyFieldNames_isRefusedAtTheLimit(String between) {
    byte[] few = bytes("{\"x\":[{\"f0\":1" + fields(between, 999) + "}]}");
    byte[] many = bytes("{\"x\":[{\"f0\":1" + fields(between, 1000) + "}]}");

    assertRefused(
        () -> BundleJson.read(few, OmsBounds.defaults()), MALFORMED, "mediaType is missing");
    assertRefused(
        () -> BundleJson.read(many, OmsBounds.defaults()),
        TOO_LARGE,
        "The bundle goes beyond a limit: it has fields of more than 1000 different names.");
  }

  @Test
  void read_ofMoreElementsThanResources_isRefusedBeforeItIsParsed() {
    OmsBounds bounds = new OmsBounds(1 << 20, 20_000, 32, 4096, 16);
    byte[] few = bytes("{\"a,[\":[0" + ",{}".repeat(19_999) + "]}");
    byte[] many = bytes("{\"a,[\":[0" + ",{}".repeat(20_000) + "]}");
    byte[] noJson = bytes("{\"a,[\":[0" + ",".repeat(20_000));

    assertRefused(() -> BundleJson.read(few, bounds), MALFORMED, "mediaType is missing");
    assertRefused(
        () -> BundleJson.read(many, bounds),
        TOO_LARGE,
        "The bundle goes beyond a limit: it has a list of more than 20000 elements, at byte "
            + (many.length - 5)
            + ".");
    assertRefused(() -> BundleJson.read(noJson, bounds), TOO_LARGE, "more than 20000 elements");
  }

  /** Whatever is done to a good bundle, it is read or refused: nothing else escapes. */
  @Property(tries = 3000)
  void read_ofDamagedBundles_throwsNothingElse(@ForAll("seeds") long seed) {
    byte[] json = damaged(goodBundle(), new Random(seed));

    Throwable thrown = catchThrowable(() -> BundleJson.read(json, OmsBounds.defaults()));

    assertThat(thrown)
        .satisfiesAnyOf(
            t -> assertThat(t).isNull(), t -> assertThat(t).isInstanceOf(OmsException.class));
  }

  @Property(tries = 3000)
  void read_ofDamagedStatements_throwsNothingElse(@ForAll("seeds") long seed) throws OmsException {
    byte[] json = damaged(goodStatement(), new Random(seed));

    Throwable thrown = catchThrowable(() -> Statement.read(json, OmsBounds.defaults()));

    assertThat(thrown)
        .satisfiesAnyOf(
            t -> assertThat(t).isNull(), t -> assertThat(t).isInstanceOf(OmsException.class));
  }

  @Property(tries = 3000)
  void read_ofDamagedLegacyStatements_throwsNothingElse(@ForAll("seeds") long seed) {
    byte[] json = damaged(bytes(LegacyStatementTest.GOOD), new Random(seed));

    Throwable thrown = catchThrowable(() -> LegacyStatement.read(json, OmsBounds.defaults()));

    assertThat(thrown)
        .satisfiesAnyOf(
            t -> assertThat(t).isNull(), t -> assertThat(t).isInstanceOf(OmsException.class));
  }

  @Provide
  Arbitrary<Long> seeds() {
    return Arbitraries.longs();
  }

  /** Flips, drops, repeats and inserts what means something in JSON. */
  private static byte[] damaged(byte[] good, Random random) {
    List<Byte> bytes = new ArrayList<>();
    for (byte b : good) {
      bytes.add(b);
    }
    byte[] tokens = bytes("{}[]\",:\\u0d8-+.eEntf\0\u007f");
    for (int edits = 1 + random.nextInt(4); edits > 0; edits--) {
      int at = random.nextInt(bytes.size());
      switch (random.nextInt(4)) {
        case 0 -> bytes.set(at, (byte) random.nextInt(256));
        case 1 -> bytes.subList(at, Math.min(bytes.size() - 1, at + random.nextInt(20))).clear();
        case 2 -> bytes.add(at, tokens[random.nextInt(tokens.length)]);
        default ->
            bytes.addAll(
                at,
                List.copyOf(bytes.subList(at, Math.min(bytes.size(), at + random.nextInt(30)))));
      }
    }
    byte[] damaged = new byte[bytes.size()];
    for (int i = 0; i < damaged.length; i++) {
      damaged[i] = bytes.get(i);
    }
    return damaged;
  }

  private static String fields(String between, int count) {
    StringBuilder fields = new StringBuilder();
    for (int i = 1; i < count; i++) {
      fields.append(between).append("\"f").append(i).append("\":1");
    }
    return fields.toString();
  }

  private static byte[] goodBundle() {
    return bytes(
        "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\","
            + "\"verificationMaterial\":{\"publicKey\":{\"hint\":\"0a\"},\"tlogEntries\":[]},"
            + "\"dsseEnvelope\":{\"payload\":\"e30=\","
            + "\"payloadType\":\"application/vnd.in-toto+json\","
            + "\"signatures\":[{\"sig\":\"AQID\",\"keyid\":\"\"}]}}");
  }

  private static byte[] goodStatement() throws OmsException {
    Digest digest = Digest.of(new byte[32]);
    Serialization serialization =
        Serialization.shards(HashAlgorithm.BLAKE3, 10).withIgnorePaths(List.of(".git"));
    return Statement.write(
        Manifest.sorted(
            "m",
            serialization,
            List.of(new Resource("a", 0, 10, digest), new Resource("a", 10, 12, digest))),
        ShardAlgorithm.CLIENT);
  }

  private static byte[] append(byte[] json, String tail) {
    return bytes(new String(json, StandardCharsets.UTF_8) + tail);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
