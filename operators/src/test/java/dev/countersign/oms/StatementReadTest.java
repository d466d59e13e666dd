package dev.countersign.oms;

import static dev.countersign.oms.OmsAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a statement may look like, and what it may not, as edits of one that is good. */
final class StatementReadTest {

  private static final String ONES = "01".repeat(32);

  /** SHA-256 of 32 bytes of 1. */
  private static final String ROOT =
      "72cd6e8422c407fb6d098690f1130b7ded7ec2f7f5e1d30bd9d521f015363793";

  private static final String FILES =
      """
      {"_type": "https://in-toto.io/Statement/v1",
       "subject": [{"name": "m", "digest": {"sha256": "ROOT"}}],
       "predicateType": "https://model_signing/signature/v1.0",
       "predicate": {
         "resources": [{"name": "a", "digest": "ONES", "algorithm": "sha256"}],
         "serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": false}}}
      """
          .replace("ROOT", ROOT)
          .replace("ONES", ONES);

  private static final String SHARDS =
      FILES
          .replace("\"name\": \"a\"", "\"name\": \"a:0:9\"")
          .replace("\"method\": \"files\"", "\"method\": \"shards\", \"shard_size\": 1000.0");

  static Stream<Arguments> acceptedEdits() {
    return Stream.of(
        Arguments.of(
            "fields that are not known", "\"subject\"", "\"x\": {\"y\": [{}]}, \"subject\""),
        Arguments.of("fields of a resource", "\"algorithm\"", "\"size\": 1, \"algorithm\""),
        Arguments.of("fields of the subject", "\"name\": \"m\"", "\"name\": \"m\", \"uri\": null"),
        Arguments.of("another digest of it", "{\"sha256\"", "{\"sha512\": \"ab\", \"sha256\""),
        Arguments.of("white space around", "{\"_type\"", " \t\r\n{\"_type\""),
        Arguments.of("escapes", "\"name\": \"a\"", "\"name\": \"\\u0061\""),
        Arguments.of("a pair of escapes", "\"name\": \"a\"", "\"name\": \"\\uD83D\\uDe00\""),
        Arguments.of("an escaped backslash", "\"name\": \"a\"", "\"name\": \"\\\\ud800\""),
        Arguments.of("the name of a lone file", "\"name\": \"a\"", "\"name\": \".\""));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("acceptedEdits")
  void read_withWhatIsAllowed_passes(String label, String from, String to) throws OmsException {
    Manifest manifest = read(edited(FILES, from, to));

    assertThat(manifest.modelName()).isEqualTo("m");
    assertThat(manifest.resources()).hasSize(1);
    assertThat(manifest.rootDigest().hex()).isEqualTo(ROOT);
  }

  @Test
  void read_withoutIgnorePaths_saysThatNoneWereRecorded() throws OmsException {
    Serialization absent = read(FILES).serialization();
    Serialization empty =
        read(edited(FILES, "\"hash_type\"", "\"ignore_paths\": [], \"hash_type\"")).serialization();

    assertThat(absent.ignorePathsRecorded()).isFalse();
    assertThat(empty.ignorePathsRecorded()).isTrue();
    assertThat(empty.ignorePaths()).isEqualTo(absent.ignorePaths()).isEmpty();
  }

  static Stream<String> shardSizes() {
    return Stream.of("1000.0", "1000", "1e3", "1.0E+3", "10000e-1");
  }

  @ParameterizedTest
  @MethodSource("shardSizes")
  void read_ofAShardSizeInAnySpelling_isTheNumber(String spelling) throws OmsException {
    Manifest manifest = read(edited(SHARDS, "1000.0", spelling));

    assertThat(manifest.serialization().shardSize()).isEqualTo(1000);
    assertThat(manifest.resources())
        .containsExactly(new Resource("a", 0, 9, Digest.of(HexFormat.of().parseHex(ONES))));
  }

  static Stream<String> shardAlgorithms() {
    return Stream.of("sha256", "sha256-sharded-1000");
  }

  @ParameterizedTest
  @MethodSource("shardAlgorithms")
  void read_ofAShardsAlgorithmInEitherSpelling_passes(String algorithm) throws OmsException {
    String statement =
        edited(SHARDS, "\"algorithm\": \"sha256\"", "\"algorithm\": \"" + algorithm + "\"");

    assertThat(read(statement).resources()).hasSize(1);
  }

  /** As releases 0.3 of the reference client wrote it, which keeps no order of fields. */
  @ParameterizedTest
  @ValueSource(strings = {"HASH, SIZE", "SIZE, HASH"})
  void read_ofAHashTypeWithTheShardSize_isTheAlgorithm(String order) throws OmsException {
    String fields =
        order
            .replace("HASH", "\"hash_type\": \"sha256-sharded-1000\"")
            .replace("SIZE", "\"shard_size\": 1000.0");
    String statement =
        edited(
            SHARDS,
            "\"method\": \"shards\", \"shard_size\": 1000.0, \"hash_type\": \"sha256\"",
            fields + ", \"method\": \"shards\"");

    Manifest manifest = read(statement);

    assertThat(manifest.serialization().hash()).isEqualTo(HashAlgorithm.SHA256);
    assertThat(manifest.serialization().shardSize()).isEqualTo(1000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sha256-sharded-1001", "sha256-sharded-", "md5-sharded-1000", "-1000"})
  void read_ofAHashTypeWithAnotherSizeOrHash_isRefused(String hashType) {
    String statement =
        edited(SHARDS, "\"hash_type\": \"sha256\"", "\"hash_type\": \"" + hashType + "\"");

    assertRefused(
        () -> read(statement),
        OmsException.Kind.UNSUPPORTED_ALGORITHM,
        "the hash algorithm \"" + hashType + "\"; OMS 1.0 knows");
  }

  @Test
  void read_ofFilesWithAHashTypeOfShards_isRefused() {
    String statement =
        edited(FILES, "\"hash_type\": \"sha256\"", "\"hash_type\": \"sha256-sharded-0\"");

    assertRefused(
        () -> read(statement),
        OmsException.Kind.UNSUPPORTED_ALGORITHM,
        "the hash algorithm \"sha256-sharded-0\"; OMS 1.0 knows");
  }

  @Test
  void read_ofAShardOfAPathWithColons_takesTheLastTwoNumbers() throws OmsException {
    Manifest manifest = read(edited(SHARDS, "a:0:9", "x:1:2:3:0:9"));

    assertThat(manifest.resources()).extracting(Resource::path).containsExactly("x:1:2:3");
  }

  static Stream<Arguments> brokenStatements() {
    OmsException.Kind malformed = OmsException.Kind.MALFORMED;
    OmsException.Kind algorithm = OmsException.Kind.UNSUPPORTED_ALGORITHM;
    OmsException.Kind predicate = OmsException.Kind.UNSUPPORTED_PREDICATE;
    String resource = "{\"name\": \"a\", \"digest\": \"" + ONES + "\", \"algorithm\": \"sha256\"}";
    return Stream.of(
        Arguments.of(FILES, "Statement/v1\"", "Statement/v0.1\"", predicate, "Statement/v0.1"),
        Arguments.of(FILES, "signature/v1.0", "signature/v1.1", predicate, "signature/v1.1"),
        Arguments.of(FILES, "signature/v1.0", "Digests/v0.1", predicate, "only \"https://model_"),
        Arguments.of(FILES, "\"_type\"", "\"type\"", malformed, "/_type is missing"),
        Arguments.of(FILES, "\"predicateType\"", "\"p\"", malformed, "/predicateType is missing"),
        Arguments.of(FILES, "\"predicate\"", "\"p\"", malformed, "/serialization is missing"),
        Arguments.of(FILES, "\"subject\"", "\"s\"", malformed, "has 0 subjects"),
        Arguments.of(FILES, "\"resources\"", "\"r\"", malformed, "/resources is missing"),
        Arguments.of(FILES, "\"name\": \"m\", ", "", malformed, "/subject/0/name is missing"),
        Arguments.of(FILES, "{\"sha256\"", "{\"md5\"", malformed, "digest/sha256 is missing"),
        Arguments.of(FILES, "\"name\": \"m\"", "\"name\": 1", malformed, "should be a string"),
        Arguments.of(FILES, "\"name\": \"m\"", "\"name\": \"\"", OmsException.Kind.NAME, "empty"),
        Arguments.of(
            FILES,
            "[{\"name\": \"m\"",
            "[{\"name\": \"n\", \"digest\": {\"sha256\": \"" + ROOT + "\"}}, {\"name\": \"m\"",
            malformed,
            "has 2 subjects, where"),
        Arguments.of(
            FILES,
            "[{\"name\": \"m\", \"digest\": {\"sha256\": \"" + ROOT + "\"}}]",
            "[]",
            malformed,
            "has 0 subjects, where"),
        Arguments.of(FILES, ROOT, ROOT.substring(2), malformed, "has 31 bytes, where SHA-256"),
        Arguments.of(
            FILES, ROOT, ONES, OmsException.Kind.ROOT_DIGEST_MISMATCH, "resources it lists give "),
        Arguments.of(
            FILES, "[" + resource + "]", "[]", OmsException.Kind.EMPTY, "\"m\" has no files"),
        Arguments.of(
            FILES, resource, resource + "," + resource, malformed, "\"a\" is listed twice"),
        Arguments.of(FILES, resource, "7", malformed, "/predicate/resources/0 should be an object"),
        Arguments.of(
            FILES, resource, resource + ",{}", malformed, "/predicate/resources/1/name is missing"),
        Arguments.of(FILES, "\"name\": \"a\", ", "", malformed, "resources/0/name is missing"),
        Arguments.of(FILES, "\"name\": \"a\"", "\"name\": \"/a\"", OmsException.Kind.NAME, "abs"),
        Arguments.of(FILES, "\"name\": \"a\"", "\"name\": \"\"", OmsException.Kind.NAME, "empty"),
        Arguments.of(
            FILES, "\"name\": \"a\"", "\"name\": \"\\u0000\"", OmsException.Kind.NAME, "NUL"),
        Arguments.of(
            FILES, "\"name\": \"a\"", "\"name\": \"b/../a\"", OmsException.Kind.NAME, "segment"),
        Arguments.of(FILES, ONES, ONES.replace('1', 'A'), malformed, "lower-case"),
        Arguments.of(FILES, ONES, ONES + "01", malformed, "has a digest of 33 bytes"),
        Arguments.of(FILES, ONES, "", malformed, "/predicate/resources/0/digest is not a digest"),
        Arguments.of(
            FILES, ONES, "01".repeat(65), OmsException.Kind.TOO_LARGE, "more than 128 bytes"),
        Arguments.of(
            FILES,
            "\"algorithm\": \"sha256\"",
            "\"algorithm\": \"blake3\"",
            algorithm,
            "\"blake3\", which does not go with"),
        Arguments.of(
            FILES,
            "\"algorithm\": \"sha256\"",
            "\"algorithm\": \"sha256-sharded-1000\"",
            algorithm,
            "serialization by files and sha256."),
        Arguments.of(
            SHARDS,
            "\"algorithm\": \"sha256\"",
            "\"algorithm\": \"sha256-sharded-999\"",
            algorithm,
            "in shards of 1000 bytes."),
        Arguments.of(FILES, "\"files\"", "\"blocks\"", algorithm, "method \"blocks\""),
        Arguments.of(
            FILES, "\"hash_type\": \"sha256\"", "\"hash_type\": \"md5\"", algorithm, "\"md5\""),
        Arguments.of(FILES, "\"hash_type\"", "\"h\"", malformed, "hash_type is missing"),
        Arguments.of(FILES, "\"method\"", "\"m\"", malformed, "serialization/method is missing"),
        Arguments.of(FILES, "false", "\"no\"", malformed, "allow_symlinks should be true or false"),
        Arguments.of(FILES, "\"allow_symlinks\"", "\"x\"", malformed, "allow_symlinks is missing"),
        Arguments.of(
            FILES,
            "\"hash_type\"",
            "\"shard_size\": 1, \"hash_type\"",
            malformed,
            "has a shard_size, though"),
        Arguments.of(
            FILES,
            "\"hash_type\"",
            "\"ignore_paths\": null, \"hash_type\"",
            malformed,
            "ignore_paths should be an array"),
        Arguments.of(
            FILES,
            "\"hash_type\"",
            "\"ignore_paths\": [1], \"hash_type\"",
            malformed,
            "ignore_paths/0 should be a string"),
        Arguments.of(SHARDS, ", \"shard_size\": 1000.0", "", malformed, "shard_size is missing"),
        Arguments.of(SHARDS, "1000.0", "0", malformed, "is 0, but a shard"),
        Arguments.of(SHARDS, "1000.0", "-1000", malformed, "is -1000, but a shard"),
        Arguments.of(SHARDS, "1000.0", "1000.5", malformed, "is not a whole number"),
        Arguments.of(SHARDS, "1000.0", "1e999999999", malformed, "is not a whole number"),
        Arguments.of(SHARDS, "1000.0", "1e99999999999", malformed, "is not a whole number"),
        Arguments.of(SHARDS, "1000.0", "9223372036854775808", malformed, "is not a whole number"),
        Arguments.of(SHARDS, "1000.0", "\"1000\"", malformed, "should be a number"),
        Arguments.of(SHARDS, "a:0:9", "a", malformed, "is not the name of a shard"),
        Arguments.of(SHARDS, "a:0:9", "a:0", malformed, "is not the name of a shard"),
        Arguments.of(SHARDS, "a:0:9", "a:-1:9", malformed, "is not the name of a shard"),
        Arguments.of(SHARDS, "a:0:9", "a:+0:9", malformed, "is not the name of a shard"),
        Arguments.of(SHARDS, "a:0:9", "a:00:9", malformed, "is not the name of a shard"),
        Arguments.of(SHARDS, "a:0:9", "a:0:09", malformed, "is not the name of a shard"),
        Arguments.of(SHARDS, "a:0:9", "a:0:٩", malformed, "is not the name of a shard"),
        Arguments.of(SHARDS, "a:0:9", "a:0:9.0", malformed, "is not the name of a shard"),
        Arguments.of(SHARDS, "a:0:9", "a:0:0", malformed, "is not the name of a shard"),
        Arguments.of(SHARDS, "a:0:9", "a:9:9", malformed, "ends before it starts, or has no"),
        Arguments.of(SHARDS, "a:0:9", "a:9:1", malformed, "ends before it starts"),
        Arguments.of(SHARDS, "a:0:9", "a:0:9999999999999999999", malformed, "beyond 64 bits"),
        Arguments.of(SHARDS, "a:0:9", "a:1:9", malformed, "after a gap: bytes 0 to 1"),
        Arguments.of(SHARDS, "a:0:9", "a:0:1001", malformed, "longer than the shard size of 1000"),
        Arguments.of(SHARDS, "a:0:9", ":0:9", OmsException.Kind.NAME, "is empty"),
        Arguments.of(SHARDS, "a:0:9", "../a:0:9", OmsException.Kind.NAME, "segment \"..\""));
  }

  @ParameterizedTest(name = "{1} -> {2}")
  @MethodSource("brokenStatements")
  void read_withABrokenRule_namesIt(
      String statement, String from, String to, OmsException.Kind kind, String message) {
    String broken = edited(statement, from, to);

    assertRefused(() -> read(broken), kind, message);
  }

  @Test
  void read_withMoreResourcesThanTheBound_stops() {
    OmsBounds bounds = new OmsBounds(1 << 20, 2, 32, 4096, 16);
    String three =
        edited(FILES, "\"resources\": [", "\"resources\": [" + resources("b", "c") + ",");

    assertRefused(
        () -> Statement.read(bytes(three), bounds),
        OmsException.Kind.TOO_LARGE,
        "/predicate/resources has more than 2 elements");
  }

  @Test
  void read_withMoreIgnoredPathsThanTheBound_stops() {
    OmsBounds bounds = new OmsBounds(1 << 20, 2, 32, 4096, 16);
    String three =
        edited(FILES, "\"method\"", "\"ignore_paths\": [\"a\", \"b\", \"c\"], \"method\"");

    assertRefused(
        () -> Statement.read(bytes(three), bounds),
        OmsException.Kind.TOO_LARGE,
        "/predicate/serialization/ignore_paths has more than 2 elements");
  }

  @Test
  void read_withALongerNameThanTheBound_stops() throws OmsException {
    OmsBounds bounds = new OmsBounds(1 << 20, 10, 32, 5, 16);

    assertThat(Statement.read(bytes(edited(SHARDS, "a:0:9", "abcde:0:9")), bounds).resources())
        .hasSize(1);
    for (String longer : List.of("abcdef", "模型", "a".repeat(1000))) {
      OmsException.Kind kind =
          longer.length() == 1000 ? OmsException.Kind.TOO_LARGE : OmsException.Kind.NAME;
      assertRefused(
          () -> Statement.read(bytes(edited(SHARDS, "a:0:9", longer + ":0:9")), bounds),
          kind,
          "more than ");
    }
  }

  private static String resources(String... names) {
    return Stream.of(names)
        .map(
            name ->
                "{\"name\": \""
                    + name
                    + "\", \"digest\": \""
                    + ONES
                    + "\", \"algorithm\": \"sha256\"}")
        .collect(Collectors.joining(","));
  }

  private static String edited(String statement, String from, String to) {
    assertThat(statement).as("what the edit replaces").contains(from);
    return statement.replace(from, to);
  }

  private static Manifest read(String statement) throws OmsException {
    return Statement.read(bytes(statement), OmsBounds.defaults());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
