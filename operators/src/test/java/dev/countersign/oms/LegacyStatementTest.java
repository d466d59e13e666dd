package dev.countersign.oms;

import static dev.countersign.oms.OmsAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.oms.OmsException.Kind;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a statement of release 0.2.0 may look like, and what not, as edits of one that is good. */
final class LegacyStatementTest {

  private static final String ONES = "01".repeat(32);
  private static final String TWOS = "02".repeat(32);

  private static final String FIRST =
      """
      {"name": "b/c.bin", "digest": {"sha256": "ONES"},
       "annotations": {"actual_hash_algorithm": "file-sha256"}}\
      """
          .replace("ONES", ONES);

  static final String GOOD =
      """
      {"_type": "https://in-toto.io/Statement/v1",
       "subject": [
         FIRST,
         {"name": "a.bin", "digest": {"sha256": "TWOS"}}],
       "predicateType": "https://model_signing/Digests/v0.1",
       "predicate": {"unused": "Unused, just passed due to API requirements"}}
      """
          .replace("FIRST", FIRST)
          .replace("TWOS", TWOS);

  @Test
  void read_good_listsWholeFilesInItsOrder() throws OmsException {
    Manifest manifest = read(GOOD);

    assertThat(manifest.resources())
        .containsExactly(
            Resource.whole("b/c.bin", Digest.of(HexFormat.of().parseHex(ONES))),
            Resource.whole("a.bin", Digest.of(HexFormat.of().parseHex(TWOS))));
    assertThat(manifest.modelName()).isEmpty();
    assertThat(manifest.serialization())
        .isEqualTo(
            new Serialization(
                SerializationMethod.FILES, HashAlgorithm.SHA256, false, List.of(), 0, false));
    // printf of both digests' bytes, through sha256sum.
    assertThat(manifest.rootDigest().hex())
        .isEqualTo("f818afd37a6dc3bc92fb44731011277006db4efa6e9023cd7468c02335d22a4d");
  }

  static Stream<Arguments> acceptedEdits() {
    return Stream.of(
        Arguments.of("links as text", "\"unused\"", "\"allow_symlinks\": \"true\", \"unused\""),
        Arguments.of("no predicate", "\"predicate\"", "\"nothing\""),
        Arguments.of(
            "a predicate that is none", "\"predicate\": {", "\"predicate\": null, \"p\": {"),
        Arguments.of("fields that are not known", "\"subject\"", "\"x\": [{}], \"subject\""),
        Arguments.of("fields of a file", "\"annotations\"", "\"uri\": \"\", \"annotations\""),
        Arguments.of("other annotations", "\"actual_hash_algorithm\"", "\"note\""),
        Arguments.of("another digest", "{\"sha256\"", "{\"sha512\": \"ab\", \"sha256\""));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("acceptedEdits")
  void read_withWhatSaysNothing_isTheSame(String label, String from, String to)
      throws OmsException {
    Manifest manifest = read(edited(from, to));

    assertThat(manifest.resources()).isEqualTo(read(GOOD).resources());
    assertThat(manifest.serialization().allowSymlinks()).isFalse();
  }

  @Test
  void read_ofALoneFile_takesTheNameThatStandsForIt() throws OmsException {
    String lone = edited(FIRST + ",", "").replace("\"a.bin\"", "\".\"");

    assertThat(read(lone).resources()).extracting(Resource::path).containsExactly(".");
  }

  static Stream<Arguments> brokenStatements() {
    return Stream.of(
        Arguments.of(
            "Statement/v1\"", "Statement/v0.1\"", Kind.UNSUPPORTED_PREDICATE, "v0.1\"; only"),
        Arguments.of("Digests/v0.1", "signature/v1.0", Kind.UNSUPPORTED_PREDICATE, "v1.0\"; only"),
        Arguments.of("Digests/v0.1", "ShardDigests/v0.1", Kind.UNSUPPORTED_PREDICATE, "Shard"),
        Arguments.of("\"_type\"", "\"type\"", Kind.MALFORMED, "/_type is missing"),
        Arguments.of("\"predicateType\"", "\"p\"", Kind.MALFORMED, "/predicateType is missing"),
        Arguments.of("\"subject\"", "\"s\"", Kind.MALFORMED, "/subject is missing"),
        Arguments.of("\"subject\": [", "\"subject\": [], \"s\": [", Kind.EMPTY, "The model has no"),
        Arguments.of("\"subject\"", "\"subject\": [], \"subject\"", Kind.MALFORMED, "Duplicate"),
        Arguments.of(
            "\"subject\": [", "\"subject\": [7,", Kind.MALFORMED, "/subject/0 should be an"),
        Arguments.of("\"name\": \"a.bin\", ", "", Kind.MALFORMED, "/subject/1/name is missing"),
        Arguments.of("\"name\": \"a.bin\"", "\"name\": 1", Kind.MALFORMED, "should be a string"),
        Arguments.of("{\"sha256\"", "{\"sha512\"", Kind.MALFORMED, "/digest/sha256 is missing"),
        Arguments.of(
            "{\"sha256\": \"" + TWOS + "\"}", "null", Kind.MALFORMED, "should be an object"),
        Arguments.of(TWOS, TWOS.substring(2), Kind.MALFORMED, "has 31 bytes, where SHA-256 has 32"),
        Arguments.of(TWOS, "0A" + TWOS.substring(2), Kind.MALFORMED, "lower-case hexadecimal"),
        Arguments.of(
            "{\"sha256\": \"" + TWOS + "\"",
            "{\"sha256\": \"" + ONES + "\", \"sha256\": \"" + TWOS + "\"",
            Kind.MALFORMED,
            "Duplicate"),
        Arguments.of("file-sha256", "file-blake2b", Kind.UNSUPPORTED_ALGORITHM, "\"file-blake2b\""),
        Arguments.of(
            "file-sha256",
            "file-sha256-1000000",
            Kind.UNSUPPORTED_ALGORITHM,
            "only \"file-sha256\""),
        Arguments.of("\"file-sha256\"", "null", Kind.MALFORMED, "algorithm should be a string"),
        Arguments.of("a.bin", "b/c.bin", Kind.MALFORMED, "\"b/c.bin\" is listed twice"),
        Arguments.of("a.bin", "b/\\u0063.bin", Kind.MALFORMED, "\"b/c.bin\" is listed twice"),
        Arguments.of("a.bin", "", Kind.NAME, "is empty"),
        Arguments.of("a.bin", "/etc/passwd", Kind.NAME, "is absolute"),
        Arguments.of("a.bin", "../a.bin", Kind.NAME, "segment \"..\""),
        Arguments.of("a.bin", "b/../a.bin", Kind.NAME, "segment \"..\""),
        Arguments.of("a.bin", "b//a.bin", Kind.NAME, "empty segment"),
        Arguments.of("a.bin", "a\\u0000.bin", Kind.NAME, "NUL"),
        Arguments.of("a.bin", ".", Kind.NAME, "segment \".\""),
        Arguments.of("a.bin", "\\ud800", Kind.MALFORMED, "half of a surrogate pair"));
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @MethodSource("brokenStatements")
  void read_withABrokenRule_namesIt(String from, String to, Kind kind, String message) {
    String broken = edited(from, to);

    assertRefused(() -> read(broken), kind, message);
  }

  @Test
  void read_ofALoneFileBesideOthers_isRefused() {
    String mixed = edited("b/c.bin", ".");

    assertRefused(() -> read(mixed), Kind.MALFORMED, "stands for a model that is a single file");
  }

  @Test
  void read_beyondABound_stops() {
    byte[] good = bytes(GOOD);

    assertRefused(
        () -> LegacyStatement.read(good, new OmsBounds(1 << 20, 1, 32, 4096, 16)),
        Kind.TOO_LARGE,
        "/subject has more than 1 elements");
    assertRefused(
        () -> LegacyStatement.read(good, new OmsBounds(1 << 20, 2, 32, 6, 16)),
        Kind.TOO_LARGE,
        "/subject/0/name has more than 6 bytes");
    assertRefused(
        () -> LegacyStatement.read(good, new OmsBounds(1 << 20, 2, 3, 4096, 16)),
        Kind.TOO_LARGE,
        "goes beyond a limit");
    assertRefused(
        () -> LegacyStatement.read(good, new OmsBounds(good.length - 1, 2, 32, 4096, 16)),
        Kind.TOO_LARGE,
        "more than the limit of");
  }

  /** What is read in the old form goes no further in it, nor as a statement without a name. */
  @Test
  void write_ofWhatWasRead_isRefused() throws OmsException {
    Manifest manifest = read(GOOD);

    assertThatThrownBy(() -> Statement.write(manifest, ShardAlgorithm.CLIENT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a statement of OMS 1.0 names its model");
  }

  private static String edited(String from, String to) {
    assertThat(GOOD).as("what the edit replaces").contains(from);
    return GOOD.replace(from, to);
  }

  private static Manifest read(String statement) throws OmsException {
    return LegacyStatement.read(bytes(statement), OmsBounds.defaults());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
