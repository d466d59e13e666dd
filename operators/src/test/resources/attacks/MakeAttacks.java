import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Makes the bundles of this folder again, and their index. See README.md. */
public final class MakeAttacks {

  private static final String PAYLOAD_TYPE = "application/vnd.in-toto+json";
  private static final String MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";
  private static final String ONES = "01".repeat(32);
  private static final String TWOS = "02".repeat(32);
  private static final BigInteger ORDER =
      new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

  /** The result's reason for each kind of exception, where they are not called the same. */
  private static final Map<String, String> REASONS =
      Map.of("MALFORMED", "MALFORMED_BUNDLE", "TOO_LARGE", "LIMIT_EXCEEDED", "NAME", "BAD_NAME", "EMPTY", "EMPTY_MODEL");

  private static final List<String> index = new ArrayList<>();
  private static Path folder;
  private static PrivateKey trusted;
  private static PrivateKey stranger;
  private static String hint;

  public static void main(String[] arguments) throws Exception {
    folder = Path.of(arguments.length > 0 ? arguments[0] : ".").toRealPath();
    Path keys = folder.resolveSibling("keys");
    trusted = key(keys.resolve("test-only-p256-pkcs8.pem"));
    stranger = key(keys.resolve("test-only-p384-pkcs8.pem"));
    hint = hex(sha256(Files.readAllBytes(keys.resolve("p256-public.pem"))));

    sound();
    json();
    jsonOfStatements();
    names();
    digests();
    shards();
    statements();
    dsse();
    base64();
    ecdsa();
    material();
    Files.writeString(folder.resolve("index.json"), "[\n" + String.join(",\n", index) + "\n]\n");
  }

  /** Not attacks: what the others differ from, and oddities that are fine. */
  private static void sound() throws Exception {
    String nothing = "";
    signed("sound/files", files(resource("a", ONES), resource("b", TWOS)), "NONE", nothing);
    signed(
        "sound/shards",
        shards("10", shard("a:b:0:10", ONES), shard("a:b:10:12", TWOS)),
        "NONE",
        nothing);
    signed(
        "sound/names-that-differ-in-normalization",
        files(resource("caf\u00e9", ONES), resource("cafe\u0301", TWOS)),
        "NONE",
        nothing);
    signed(
        "sound/backslashes-and-colons-in-names",
        files(resource("C:\\\\model", ONES), resource("a:0:10", TWOS)),
        "NONE",
        nothing);
    signed(
        "sound/shard-size-as-a-fraction",
        shards("10.0", shard("a:0:10", ONES), shard("a:10:12", TWOS)),
        "NONE",
        nothing);
    byte[] payload = utf8(files(resource("a", ONES)));
    attack("sound/keyid-of-nobody", bundle(payload, sign(payload), "evil"), "NONE", nothing);
    attack(
        "sound/keyid-null",
        replaced(bundle(payload, sign(payload), ""), "\"keyid\":\"\"", "\"keyid\":null"),
        "NONE",
        nothing);
    attack(
        "sound/unknown-fields",
        replaced(bundle(payload, sign(payload), ""), "{\"mediaType\"", "{\"x\":[{}],\"mediaType\""),
        "NONE",
        nothing);
  }

  /** Bundles that are not JSON, or more than one thing in it. */
  private static void json() throws Exception {
    byte[] good = good();
    String text = new String(good, UTF_8);
    attack("json/empty", new byte[0], "MALFORMED", "is empty");
    attack("json/a-web-page", utf8("<html>404</html>"), "MALFORMED", "not a JSON object");
    attack("json/an-array", utf8("[" + text + "]"), "MALFORMED", "not a JSON object");
    attack("json/byte-order-mark", utf8("\ufeff" + text), "MALFORMED", "not a JSON object");
    attack("json/utf-16", text.getBytes(UTF_16LE), "MALFORMED", "not a JSON object");
    attack("json/cut-off", Arrays.copyOf(good, good.length - 1), "MALFORMED", "end-of-input");
    attack("json/trailing-bytes", utf8(text + "x"), "MALFORMED", "is not valid JSON");
    attack("json/trailing-bundle", utf8(text + text), "MALFORMED", "goes on after the end");
    attack("json/trailing-nul", utf8(text + "\0"), "MALFORMED", "is not valid JSON");
    attack(
        "json/duplicate-keys",
        replaced(good, "{\"mediaType\"", "{\"dsseEnvelope\":{\"payload\":\"e30=\"},\"mediaType\""),
        "MALFORMED",
        "payloadType is missing");
    attack(
        "json/duplicate-keys-after-a-good-bundle",
        utf8(text.substring(0, text.length() - 1) + ",\"dsseEnvelope\":{}}"),
        "MALFORMED",
        "Duplicate field 'dsseEnvelope'");
    attack(
        "json/duplicate-keys-by-an-escape",
        utf8(text.substring(0, text.length() - 1) + ",\"dsse\\u0045nvelope\":{}}"),
        "MALFORMED",
        "Duplicate field 'dsseEnvelope'");
    String unknown = "{\"x\":%s,\"mediaType\"";
    for (String[] value :
        new String[][] {
          {"nan", "NaN"}, {"infinity", "Infinity"}, {"negative-infinity", "-Infinity"},
          {"comment", "1/*x*/"}, {"single-quotes", "'x'"}, {"hexadecimal-number", "0x10"},
          {"leading-zero", "01"}, {"trailing-comma", "[1,]"}, {"raw-line-feed", "\"\n\""},
          {"unknown-escape", "\"\\q\""}
        }) {
      attack(
          "json/" + value[0],
          replaced(good, "{\"mediaType\"", unknown.formatted(value[1])),
          "MALFORMED",
          "is not valid JSON");
    }
    for (String[] value :
        new String[][] {
          {"invalid-utf-8", "\u00ff"}, {"overlong-utf-8", "\u00c0\u00af"},
          {"surrogate-in-utf-8", "\u00ed\u00a0\u0080"}, {"beyond-unicode", "\u00f4\u0090\u0080\u0080"}
        }) {
      byte[] broken = latin1(text.replace("{\"mediaType\"", unknown.formatted("\"" + value[1] + "\"")));
      attack("json/" + value[0], broken, "MALFORMED", "is not UTF-8");
    }
    for (String[] value :
        new String[][] {
          {"lone-high-surrogate", "\\ud800"}, {"lone-low-surrogate", "\\udc00"},
          {"surrogates-in-reverse", "\\udc00\\ud800"}
        }) {
      byte[] broken = replaced(good, "{\"mediaType\"", unknown.formatted("\"" + value[1] + "\""));
      attack("json/" + value[0], broken, "MALFORMED", "half of a surrogate pair");
    }
    attack(
        "json/nested-too-deep",
        replaced(good, "{\"mediaType\"", unknown.formatted("[".repeat(32) + "]".repeat(32))),
        "TOO_LARGE",
        "nests objects and arrays deeper than 32");
    attack(
        "json/number-of-many-digits",
        replaced(good, "{\"mediaType\"", unknown.formatted("9".repeat(1000))),
        "TOO_LARGE",
        "goes beyond a limit");
    attack(
        "json/long-field-name",
        replaced(good, "{\"mediaType\"", "{\"" + "x".repeat(10_000) + "\":1,\"mediaType\""),
        "TOO_LARGE",
        "goes beyond a limit");
    attack(
        "json/many-field-names",
        replaced(good, "{\"mediaType\"", unknown.formatted(manyFields())),
        "TOO_LARGE",
        "fields of more than 1000 different names");
    attack(
        "json/terminal-commands-in-a-field-name",
        replaced(good, "{\"mediaType\"", "{\"\\u001b[2J\":1,\"\\u001b[2J\":1,\"mediaType\""),
        "MALFORMED",
        "\\u001b[2J");
  }

  /** The same inside of what a trusted key signed. */
  private static void jsonOfStatements() throws Exception {
    String text = files(resource("a", ONES));
    signed("statement-json/empty-object", "{}", "MALFORMED", "/_type is missing");
    signed("statement-json/spaces", "  ", "MALFORMED", "is empty");
    signed("statement-json/a-string", '"' + "x" + '"', "MALFORMED", "not a JSON object");
    signed("statement-json/byte-order-mark", "\ufeff" + text, "MALFORMED", "not a JSON object");
    signed("statement-json/utf-16", text.getBytes(UTF_16LE), "MALFORMED", "not a JSON object");
    signed("statement-json/cut-off", text.substring(0, text.length() - 1), "MALFORMED", "end-of-input");
    signed("statement-json/trailing-bytes", text + "x", "MALFORMED", "is not valid JSON");
    signed("statement-json/trailing-statement", text + text, "MALFORMED", "goes on after the end");
    signed(
        "statement-json/duplicate-keys",
        text.replace("\"predicateType\"", "\"subject\":[],\"predicateType\""),
        "MALFORMED",
        "Duplicate field 'subject'");
    signed(
        "statement-json/duplicate-keys-by-an-escape",
        text.replace("\"predicateType\"", "\"subjec\\u0074\":[],\"predicateType\""),
        "MALFORMED",
        "Duplicate field 'subject'");
    signed(
        "statement-json/duplicate-names-in-a-resource",
        text.replace("\"name\":\"a\"", "\"name\":\"b\",\"name\":\"a\""),
        "MALFORMED",
        "Duplicate field 'name'");
    for (String value : List.of("NaN", "Infinity", "-Infinity")) {
      signed(
          "statement-json/" + value.toLowerCase().replace("-", "negative-"),
          text.replace("\"predicateType\"", "\"x\":" + value + ",\"predicateType\""),
          "MALFORMED",
          "is not valid JSON");
    }
    signed(
        "statement-json/invalid-utf-8",
        latin1(text.replace("\"name\":\"a\"", "\"name\":\"\u00ff\"")),
        "MALFORMED",
        "is not UTF-8");
    signed(
        "statement-json/overlong-utf-8",
        latin1(text.replace("\"name\":\"a\"", "\"name\":\"b\u00c0\u00afa\"")),
        "MALFORMED",
        "is not UTF-8");
    signed(
        "statement-json/surrogate-in-utf-8",
        latin1(text.replace("\"name\":\"a\"", "\"name\":\"\u00ed\u00a0\u0080\"")),
        "MALFORMED",
        "is not UTF-8");
    signed(
        "statement-json/nested-too-deep",
        text.replace("\"predicateType\"", "\"x\":" + "[".repeat(32) + "]".repeat(32) + ",\"predicateType\""),
        "TOO_LARGE",
        "nests objects and arrays deeper than 32");
    signed(
        "statement-json/number-of-many-digits",
        text.replace("\"predicateType\"", "\"x\":" + "9".repeat(1000) + ",\"predicateType\""),
        "TOO_LARGE",
        "goes beyond a limit");
    signed(
        "statement-json/many-field-names",
        text.replace("\"predicateType\"", "\"x\":" + manyFields() + ",\"predicateType\""),
        "TOO_LARGE",
        "fields of more than 1000 different names");
  }

  private static void names() throws Exception {
    String[][] names = {
      {"dot-dot", "..", "has the segment \"..\""},
      {"dot-dot-first", "../a", "has the segment \"..\""},
      {"dot-dot-inside", "a/../../b", "has the segment \"..\""},
      {"dot-dot-last", "a/..", "has the segment \"..\""},
      {"dot-dot-by-an-escape", "\\u002e\\u002e\\/a", "has the segment \"..\""},
      {"dot-inside", "a/./b", "has the segment \".\""},
      {"absolute", "/etc/passwd", "is absolute"},
      {"absolute-twice", "//a", "is absolute"},
      {"empty", "", "is empty"},
      {"empty-segment", "a//b", "has an empty segment"},
      {"trailing-slash", "a/", "has an empty segment"},
      {"nul", "a\\u0000.bin", "holds a NUL character"},
      {"nul-that-is-shown", "a\\u0000\\u001b[2J", "a\\u0000\\u001b[2J"},
    };
    for (String[] name : names) {
      signed("names/" + name[0], files(resource(name[1], ONES)), "NAME", name[2]);
    }
    signed(
        "names/lone-surrogate",
        files(resource("a\\ud800", ONES)),
        "MALFORMED",
        "half of a surrogate pair");
    // The rule for names speaks first, up to what a shard's name may have beside its path.
    signed("names/longer-than-4-kib", files(resource("a".repeat(4097), ONES)), "NAME", "has 4097 bytes, more than 4096");
    signed(
        "names/longer-than-4-kib-in-utf-8-only",
        files(resource("\u6a21".repeat(1366), ONES)),
        "NAME",
        "has 4098 bytes, more than 4096");
    signed("names/much-longer-than-4-kib", files(resource("a".repeat(10_000), ONES)), "TOO_LARGE", "has more than 4136 bytes");
    signed(
        "names/listed-twice",
        files(resource("a", ONES), resource("b", ONES), resource("a", TWOS)),
        "MALFORMED",
        "\"a\" is listed twice");
    signed(
        "names/listed-twice-by-an-escape",
        files(resource("a", ONES), resource("\\u0061", TWOS)),
        "MALFORMED",
        "\"a\" is listed twice");
    signed(
        "names/dot-beside-other-files",
        files(resource(".", ONES), resource("a", TWOS)),
        "MALFORMED",
        "stands for a model that is a single file");
    signed(
        "names/dot-after-other-files",
        files(resource("a", ONES), resource(".", TWOS)),
        "NAME",
        "has the segment \".\"");
    signed(
        "names/dot-dot-under-shards",
        shards("10", shard("../a:0:10", ONES)),
        "NAME",
        "has the segment \"..\"");
    signed("names/no-path-under-shards", shards("10", shard(":0:10", ONES)), "NAME", "is empty");
    signed(
        "names/model-without-one",
        files(resource("a", ONES)).replace("\"name\":\"model\"", "\"name\":\"\""),
        "NAME",
        "is empty");
    signed(
        "names/ignored-path-too-long",
        files(resource("a", ONES)).replace("\"ignore_paths\":[", "\"ignore_paths\":[\"" + "x".repeat(4097) + "\""),
        "TOO_LARGE",
        "has more than 4096 bytes");
    signed(
        "names/ignored-path-empty",
        files(resource("a", ONES)).replace("\"ignore_paths\":[", "\"ignore_paths\":[\"\""),
        "NAME",
        "An ignored path");
  }

  private static void digests() throws Exception {
    String[][] digests = {
      {"odd-number-of-digits", "0".repeat(63), "MALFORMED", "is not a digest in lower-case"},
      {"upper-case", "AB".repeat(32), "MALFORMED", "is not a digest in lower-case"},
      {"not-hexadecimal", "0g".repeat(32), "MALFORMED", "is not a digest in lower-case"},
      {"fullwidth-digits", "\uff10".repeat(2), "MALFORMED", "is not a digest in lower-case"},
      {"base64", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=", "MALFORMED", "is not a digest"},
      {"with-its-algorithm", "sha256:01", "MALFORMED", "is not a digest"},
      {"empty", "", "MALFORMED", "is not a digest"},
      {"of-one-byte", "01", "MALFORMED", "has a digest of 1 bytes; one of sha256 has 32"},
      {"of-sha-1", "01".repeat(20), "MALFORMED", "has a digest of 20 bytes"},
      {"of-sha-512", "01".repeat(64), "MALFORMED", "has a digest of 64 bytes"},
      {"longer-than-any", "01".repeat(65), "TOO_LARGE", "has more than 128 bytes"},
    };
    for (String[] digest : digests) {
      signed("digests/" + digest[0], files(resource("a", digest[1])), digest[2], digest[3]);
    }
    String good = files(resource("a", ONES));
    signed(
        "digests/a-number",
        good.replace("\"digest\":\"" + ONES + "\"", "\"digest\":1"),
        "MALFORMED",
        "should be a string");
    signed(
        "digests/none",
        good.replace("\"digest\":\"" + ONES + "\",", ""),
        "MALFORMED",
        "/digest is missing");
    for (String algorithm : List.of("md5", "sha1", "SHA256", "sha-256", "sha512", "none", "")) {
      signed(
          "digests/of-algorithm-" + (algorithm.isEmpty() ? "empty" : algorithm.replace("SHA256", "upper-case")),
          good.replace("\"hash_type\":\"sha256\"", "\"hash_type\":\"" + algorithm + "\""),
          "UNSUPPORTED_ALGORITHM",
          "uses the hash algorithm \"" + algorithm + "\"");
    }
    signed(
        "digests/of-another-algorithm-than-declared",
        good.replace("\"algorithm\":\"sha256\"", "\"algorithm\":\"blake3\""),
        "UNSUPPORTED_ALGORITHM",
        "has the algorithm \"blake3\", which does not go with");
    signed(
        "digests/one-of-another-algorithm",
        files(resource("a", ONES), resource("b", TWOS).replace("sha256", "blake3")),
        "UNSUPPORTED_ALGORITHM",
        "The resource \"b\" has the algorithm \"blake3\"");
    signed(
        "digests/whole-file-under-an-algorithm-of-shards",
        good.replace("\"algorithm\":\"sha256\"", "\"algorithm\":\"sha256-sharded-10\""),
        "UNSUPPORTED_ALGORITHM",
        "has the algorithm \"sha256-sharded-10\"");
    String root = "\"sha256\":\"" + root(List.of(ONES)) + "\"";
    signed(
        "digests/of-the-root-wrong",
        good.replace(root, "\"sha256\":\"" + TWOS + "\""),
        "ROOT_DIGEST_MISMATCH",
        "The statement contradicts itself");
    signed(
        "digests/of-the-root-in-upper-case",
        good.replace(root, root.toUpperCase().replace("SHA256", "sha256")),
        "MALFORMED",
        "is not a digest in lower-case");
    signed(
        "digests/of-the-root-short",
        good.replace(root, "\"sha256\":\"" + "01".repeat(31) + "\""),
        "MALFORMED",
        "has 31 bytes, where SHA-256 has 32");
    signed(
        "digests/of-the-root-by-another-algorithm",
        good.replace(root, "\"sha1\":\"" + "01".repeat(20) + "\""),
        "MALFORMED",
        "digest/sha256 is missing");
  }

  private static void shards() throws Exception {
    signed(
        "shards/gap",
        shards("10", shard("a:0:10", ONES), shard("a:20:22", TWOS)),
        "MALFORMED",
        "comes after a gap: bytes 10 to 20 are in no shard");
    signed(
        "shards/first-bytes-missing",
        shards("10", shard("a:10:20", ONES)),
        "MALFORMED",
        "comes after a gap: bytes 0 to 10");
    signed(
        "shards/overlap",
        shards("10", shard("a:0:10", ONES), shard("a:5:12", TWOS)),
        "MALFORMED",
        "overlaps the shard before it");
    signed(
        "shards/listed-twice",
        shards("10", shard("a:0:10", ONES), shard("a:0:10", TWOS)),
        "MALFORMED",
        "overlaps the shard before it");
    signed(
        "shards/one-inside-another",
        shards("10", shard("a:0:10", ONES), shard("a:2:5", TWOS)),
        "MALFORMED",
        "overlaps the shard before it");
    String noShard = "is not the name of a shard";
    String[][] names = {
      {"negative-start", "a:-10:0", noShard},
      {"negative-end", "a:0:-10", noShard},
      {"plus-sign", "a:+0:+10", noShard},
      {"leading-zero", "a:00:10", noShard},
      {"hexadecimal", "a:0:0xa", noShard},
      {"fraction", "a:0:10.0", noShard},
      {"digits-of-another-script", "a:0:\u0661\u0660", noShard},
      {"spaces", "a:0: 10", noShard},
      {"whole-file", "a", noShard},
      {"one-number-only", "a:10", noShard},
      {"beyond-2-to-the-63", "a:0:9223372036854775808", "has a position beyond 64 bits"},
      {"beyond-2-to-the-64", "a:0:18446744073709551626", noShard},
      {"empty-range", "a:10:10", "ends before it starts, or has no bytes"},
      {"end-before-start", "a:10:5", "ends before it starts, or has no bytes"},
      {"up-to-2-to-the-63", "a:0:9223372036854775807", "is longer than the shard size of 10"},
      {"longer-than-the-shard-size", "a:0:11", "is longer than the shard size of 10"},
    };
    for (String[] name : names) {
      signed("shards/" + name[0], shards("10", shard(name[1], ONES)), "MALFORMED", name[2]);
    }
    String[][] sizes = {
      {"zero", "0", "is 0, but a shard has at least one byte"},
      {"minus-zero", "-0.0", "is 0, but a shard has at least one byte"},
      {"negative", "-10", "is -10, but a shard has at least one byte"},
      {"half-a-byte", "0.5", "is not a whole number of 64 bits"},
      {"beyond-2-to-the-63", "9223372036854775808", "is not a whole number of 64 bits"},
      {"beyond-floating-point", "1e400", "is not a whole number of 64 bits"},
      {"exponent-of-two-billion", "1e2147483647", "is not a whole number of 64 bits"},
      {"exponent-of-ten-billion", "1e99999999999", "is not a whole number of 64 bits"},
      {"tiny-exponent", "1e-2147483647", "is not a whole number of 64 bits"},
      {"text", "\"10\"", "should be a number"},
      {"null", "null", "should be a number"},
    };
    for (String[] size : sizes) {
      signed(
          "shards/size-" + size[0],
          shards(size[1], shard("a:0:10", ONES)),
          "MALFORMED",
          size[2]);
    }
    signed(
        "shards/size-missing",
        shards("10", shard("a:0:10", ONES)).replace("\"shard_size\":10,", ""),
        "MALFORMED",
        "/shard_size is missing");
    signed(
        "shards/size-among-whole-files",
        files(resource("a", ONES)).replace("\"ignore_paths\"", "\"shard_size\":10,\"ignore_paths\""),
        "MALFORMED",
        "has a shard_size, though its method is \"files\"");
    signed(
        "shards/algorithm-of-another-size",
        shards("10", shard("a:0:10", ONES)).replace("sha256-sharded-10", "sha256-sharded-1"),
        "UNSUPPORTED_ALGORITHM",
        "has the algorithm \"sha256-sharded-1\"");
  }

  /** Statements about something else, or about too little. */
  private static void statements() throws Exception {
    String good = files(resource("a", ONES));
    signed("statements/no-files", files(), "EMPTY", "there is nothing a signature could speak for");
    signed(
        "statements/two-subjects",
        good.replace("\"subject\":[", "\"subject\":[{\"name\":\"x\"},"),
        "MALFORMED",
        "has 2 subjects");
    signed(
        "statements/no-subject",
        good.replaceFirst("\"subject\":\\[.*?}}]", "\"subject\":[]"),
        "MALFORMED",
        "has 0 subjects");
    signed(
        "statements/of-in-toto-0.1",
        good.replace("Statement/v1", "Statement/v0.1"),
        "UNSUPPORTED_PREDICATE",
        "an in-toto statement of type");
    signed(
        "statements/of-build-provenance",
        good.replace("https://model_signing/signature/v1.0", "https://slsa.dev/provenance/v1"),
        "UNSUPPORTED_PREDICATE",
        "a predicate of type");
    signed(
        "statements/of-a-later-version",
        good.replace("signature/v1.0", "signature/v1.1"),
        "UNSUPPORTED_PREDICATE",
        "a predicate of type");
    signed(
        "statements/predicate-type-in-upper-case",
        good.replace("https://model_signing", "HTTPS://model_signing"),
        "UNSUPPORTED_PREDICATE",
        "a predicate of type");
    signed(
        "statements/of-release-0.2.0-with-a-signature-of-today",
        "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"a\",\"digest\":{\"sha256\":\""
            + ONES
            + "\"}}],\"predicateType\":\"https://model_signing/Digests/v0.1\",\"predicate\":{}}",
        "UNSUPPORTED_PREDICATE",
        "a predicate of type");
    signed(
        "statements/unknown-method",
        good.replace("\"method\":\"files\"", "\"method\":\"everything\""),
        "UNSUPPORTED_ALGORITHM",
        "uses the serialization method \"everything\"");
    signed(
        "statements/links-allowed-by-a-text",
        good.replace("\"allow_symlinks\":false", "\"allow_symlinks\":\"true\""),
        "MALFORMED",
        "should be true or false");
    signed(
        "statements/without-serialization",
        good.replaceFirst("\"serialization\":\\{.*?},", ""),
        "MALFORMED",
        "predicate/serialization is missing");
    signed(
        "statements/without-resources",
        good.replaceFirst(",\"resources\":\\[.*?]", ""),
        "MALFORMED",
        "predicate/resources is missing");
    signed(
        "statements/resource-that-is-a-text",
        good.replaceFirst("\"resources\":\\[.*?]", "\"resources\":[\"a\"]"),
        "MALFORMED",
        "should be an object");
    signed(
        "statements/ignored-paths-that-are-a-text",
        good.replace("\"ignore_paths\":[]", "\"ignore_paths\":\"a\""),
        "MALFORMED",
        "should be an array");
  }

  private static void dsse() throws Exception {
    byte[] payload = utf8(files(resource("a", ONES)));
    byte[] other = utf8(files(resource("a", TWOS)));
    byte[] good = good();
    attack(
        "dsse/payload-type-of-something-else",
        replaced(bundle(payload, sign(trusted, pae("text/plain", payload)), ""), PAYLOAD_TYPE, "text/plain"),
        "MALFORMED",
        "is \"text/plain\", where OMS has");
    attack(
        "dsse/payload-type-in-upper-case",
        replaced(good, PAYLOAD_TYPE, PAYLOAD_TYPE.toUpperCase()),
        "MALFORMED",
        "where OMS has");
    attack(
        "dsse/payload-type-of-another-signature",
        bundle(payload, sign(trusted, pae("text/plain", payload)), ""),
        "BAD_SIGNATURE",
        "its signature is not that key's");
    attack("dsse/payload-type-missing", without(good, "\"payloadType\":\"" + PAYLOAD_TYPE + "\","), "MALFORMED", "/payloadType is missing");
    attack("dsse/payload-missing", without(good, "\"payload\":\"" + base64(payload) + "\","), "MALFORMED", "/payload is missing");
    attack("dsse/payload-empty", replaced(good, base64(payload), ""), "MALFORMED", "payload is empty");
    String signatures = between(good, "\"signatures\":[", "]");
    attack("dsse/no-signature", replaced(good, signatures, ""), "MALFORMED", "exactly one signature");
    attack("dsse/signatures-missing", without(good, ",\"signatures\":[" + signatures + "]"), "MALFORMED", "/signatures is missing");
    attack("dsse/two-signatures", replaced(good, signatures, signatures + "," + signatures), "MALFORMED", "a second signature");
    attack(
        "dsse/two-signatures-of-which-one-is-a-strangers",
        replaced(good, signatures, "{\"sig\":\"" + base64(sign(stranger, pae(PAYLOAD_TYPE, payload))) + "\"}," + signatures),
        "MALFORMED",
        "a second signature");
    attack("dsse/signature-empty", bundle(payload, new byte[0], ""), "MALFORMED", "sig is empty");
    attack("dsse/signature-missing", replaced(good, "\"sig\":", "\"gis\":"), "MALFORMED", "/sig is missing");
    attack("dsse/signature-null", replaced(good, signatures, "{\"sig\":null}"), "MALFORMED", "should be a string");
    attack("dsse/signature-over-another-payload", bundle(payload, sign(other), ""), "BAD_SIGNATURE", "its signature is not that key's");
    attack("dsse/signature-over-the-bare-payload", bundle(payload, sign(trusted, payload), ""), "BAD_SIGNATURE", "its signature is not that key's");
    attack("dsse/signature-over-base64", bundle(payload, sign(utf8(base64(payload))), ""), "BAD_SIGNATURE", "its signature is not that key's");
    byte[] wide = utf8(files(resource("\u6a21\u578b", ONES)));
    attack(
        "dsse/signature-over-lengths-in-characters",
        bundle(wide, sign(trusted, pae(PAYLOAD_TYPE, new String(wide, UTF_8).length(), wide)), ""),
        "BAD_SIGNATURE",
        "its signature is not that key's");
    attack(
        "dsse/signature-of-release-0.2.0-over-a-statement-of-today",
        bundle(payload, sign(trusted, legacyPae(payload)), ""),
        "BAD_SIGNATURE",
        "its signature is not that key's");
    byte[] mentioning = utf8(files(resource("a", ONES)).replace("\"name\":\"model\"", "\"name\":\"model\",\"x\":\"https://model_signing/Digests/v0.1\""));
    attack(
        "dsse/signature-of-release-0.2.0-over-a-statement-that-mentions-it",
        bundle(mentioning, sign(trusted, legacyPae(mentioning)), ""),
        "UNSUPPORTED_PREDICATE",
        "a predicate of type");
    attack("dsse/keyid-of-a-trusted-key-over-a-strangers-signature", bundle(payload, sign(stranger, pae(PAYLOAD_TYPE, payload)), hint), "BAD_SIGNATURE", "its signature is not that key's");
    attack("dsse/keyid-that-is-a-number", replaced(good, "\"keyid\":\"\"", "\"keyid\":1"), "MALFORMED", "should be a string");
    attack("dsse/keyid-too-long", bundle(payload, sign(payload), "x".repeat(5000)), "TOO_LARGE", "has more than 4096 bytes");
    attack("dsse/media-type-of-something-else", replaced(good, MEDIA_TYPE, "application/json"), "MALFORMED", "and supported are application/vnd.dev.sigstore.bundle.v0.3+json");
    attack("dsse/media-type-of-a-later-format", replaced(good, "v0.3", "v1.0"), "MALFORMED", "and supported are application/vnd.dev.sigstore.bundle.v0.3+json");
    attack("dsse/media-type-of-a-later-version", replaced(good, "v0.3", "v0.4"), "MALFORMED", "and supported are application/vnd.dev.sigstore.bundle.v0.3+json");
    attack("dsse/media-type-missing", without(good, "\"mediaType\":\"" + MEDIA_TYPE + "\","), "MALFORMED", "/mediaType is missing");
    attack("dsse/envelope-missing", replaced(good, "\"dsseEnvelope\"", "\"messageSignature\""), "MALFORMED", "/dsseEnvelope is missing");
  }

  private static void base64() throws Exception {
    // Of a length that is padded, with both letters that differ in the alphabet for URLs.
    String padded = files(resource("\u00bf\u00bf\u00bf\u00fe\u00be", ONES));
    while (base64(utf8(padded)).indexOf('=') < 0 || !base64(utf8(padded)).matches(".*[+/].*")) {
      padded = padded.replace("{\"_type\"", "{\"x\":\"\",\"_type\"").replace("\"x\":\"", "\"x\":\"\u00fb");
    }
    byte[] payload = utf8(padded);
    String good = base64(payload);
    byte[] bundle = bundle(payload, sign(payload), "");
    String not = "is not base64 in the standard alphabet with padding";
    String[][] spellings = {
      {"alphabet-for-urls", good.replace('+', '-').replace('/', '_')},
      {"no-padding", good.replace("=", "")},
      {"too-much-padding", good + "=="},
      {"padding-inside", good.substring(0, 8) + "====" + good.substring(8)},
      {"tabs", good.substring(0, 8) + "\\t" + good.substring(8)},
      {"padding-inside-between-line-feeds", good.substring(0, 8) + "\\n====\\n" + good.substring(8)},
      {"spaces", good.substring(0, 8) + "    " + good.substring(8)},
      {"letters-of-no-alphabet", good.substring(0, 8) + "!" + good.substring(8)},
      {"letters-beyond-ascii", good.substring(0, 8) + "\u0141" + good.substring(8)},
      {"nul", good.substring(0, 8) + "\\u0000" + good.substring(8)},
      {"bits-to-spare", spare(good)},
    };
    for (String[] spelling : spellings) {
      attack("base64/payload-with-" + spelling[0], replaced(bundle, good, spelling[1]), "MALFORMED", not);
    }
    attack("sound/base64-with-line-feeds", replaced(bundle, good, good.replaceAll("(.{8})", "$1\\\\n")), "NONE", "");
    attack("sound/base64-with-carriage-returns", replaced(bundle, good, good.replaceAll("(.{8})", "$1\\\\r\\\\n")), "NONE", "");
    String sig = between(bundle, "\"sig\":\"", "\"");
    attack("base64/signature-with-spaces", replaced(bundle, sig, " " + sig), "MALFORMED", not);
    attack("base64/signature-with-bits-to-spare", paddedSignature(payload, MakeAttacks::spare), "MALFORMED", not);
    attack("base64/signature-with-no-padding", paddedSignature(payload, s -> s.replace("=", "")), "MALFORMED", not);
    attack("base64/signature-as-hexadecimal", replaced(bundle, sig, hex(Base64.getDecoder().decode(sig)) + "0"), "MALFORMED", not);
  }

  private static void ecdsa() throws Exception {
    byte[] payload = utf8(files(resource("a", ONES)));
    byte[] der = sign(payload);
    int rLength = der[3];
    BigInteger r = new BigInteger(1, Arrays.copyOfRange(der, 4, 4 + rLength));
    BigInteger s = new BigInteger(1, Arrays.copyOfRange(der, 6 + rLength, der.length));
    BigInteger zero = BigInteger.ZERO;
    BigInteger one = BigInteger.ONE;
    Object[][] signatures = {
      {"r-and-s-zero", der(integer(zero), integer(zero))},
      {"r-zero", der(integer(zero), integer(s))},
      {"s-zero", der(integer(r), integer(zero))},
      {"r-the-order", der(integer(ORDER), integer(s))},
      {"s-the-order", der(integer(r), integer(ORDER))},
      {"r-plus-the-order", der(integer(r.add(ORDER)), integer(s))},
      {"s-plus-the-order", der(integer(r), integer(s.add(ORDER)))},
      {"r-and-s-one", der(integer(one), integer(one))},
      {"r-and-s-swapped", der(integer(s), integer(r))},
      {"r-negative", der(integer(r.negate()), integer(s))},
      {"s-negative", der(integer(r), integer(s.negate()))},
      {"r-with-a-zero-in-front", der(tagged(2, join(new byte[2], magnitude(r))), integer(s))},
      {"r-without-bytes", der(tagged(2, new byte[0]), integer(s))},
      {"trailing-byte", join(der, new byte[1])},
      {"trailing-byte-inside", der(integer(r), integer(s), new byte[1])},
      {"third-number", der(integer(r), integer(s), integer(one))},
      {"one-number", der(integer(r))},
      {"length-in-two-bytes", join(new byte[] {0x30, (byte) 0x81}, Arrays.copyOfRange(der, 1, der.length))},
      {"length-in-four-bytes", join(new byte[] {0x30, (byte) 0x84, 0, 0, 0}, Arrays.copyOfRange(der, 1, der.length))},
      {"length-of-two-gigabytes", join(new byte[] {0x30, (byte) 0x84, 0x7f, -1, -1, -1}, Arrays.copyOfRange(der, 2, der.length))},
      {"indefinite-length", join(new byte[] {0x30, (byte) 0x80}, Arrays.copyOfRange(der, 2, der.length), new byte[2])},
      {"cut-off", Arrays.copyOf(der, der.length - 1)},
      {"a-set", join(new byte[] {0x31}, Arrays.copyOfRange(der, 1, der.length))},
      {"octet-strings", der(tagged(4, magnitude(r)), tagged(4, magnitude(s)))},
      {"plain-r-and-s", join(fixed(r), fixed(s))},
      {"as-pem", utf8("-----BEGIN SIGNATURE-----\n" + base64(der) + "\n-----END SIGNATURE-----\n")},
      {"of-10-kilobytes", tagged(0x30, new byte[10_000])},
    };
    for (Object[] signature : signatures) {
      attack(
          "ecdsa/" + signature[0],
          bundle(payload, (byte[]) signature[1], ""),
          "BAD_SIGNATURE",
          "its signature is not that key's");
    }
  }

  private static void material() throws Exception {
    byte[] payload = utf8(files(resource("a", ONES)));
    byte[] good = good();
    String key = "\"publicKey\":{\"hint\":\"" + hint + "\"}";
    String certificate = "{\"rawBytes\":\"MAA=\"}";
    String chain = "\"x509CertificateChain\":{\"certificates\":[%s]}";
    attack("material/none", without(good, key + ","), "MALFORMED", "has none of publicKey, x509CertificateChain");
    attack("material/missing", replaced(good, "\"verificationMaterial\"", "\"x\""), "MALFORMED", "/verificationMaterial is missing");
    attack("material/null", replaced(good, "{" + key + ",\"tlogEntries\":[]}", "null"), "MALFORMED", "should be an object");
    attack("material/key-and-certificate", replaced(good, key, key + "," + "\"certificate\":" + certificate), "MALFORMED", "is a second one of publicKey");
    attack("material/key-and-chain", replaced(good, key, key + "," + chain.formatted(certificate)), "MALFORMED", "is a second one of publicKey");
    attack("material/certificate-and-chain", replaced(good, key, "\"certificate\":" + certificate + "," + chain.formatted(certificate)), "MALFORMED", "is a second one of publicKey");
    attack("material/chain-of-none", replaced(good, key, chain.formatted("")), "MALFORMED", "has no certificates");
    attack("material/chain-without-certificates", replaced(good, key, "\"x509CertificateChain\":{}"), "MALFORMED", "has no certificates");
    attack("material/chain-of-seventeen", replaced(good, key, chain.formatted(certificate + ("," + certificate).repeat(16))), "TOO_LARGE", "has more than 16 elements");
    attack("material/certificate-empty", replaced(good, key, chain.formatted("{\"rawBytes\":\"\"}")), "MALFORMED", "is empty");
    attack("material/certificate-without-bytes", replaced(good, key, chain.formatted("{}")), "MALFORMED", "rawBytes is missing");
    attack("material/chain-where-a-key-is-demanded", replaced(good, key, chain.formatted(certificate)), "METHOD_MISMATCH", "signed with a certificate");
    attack("material/sigstore-where-a-key-is-demanded", replaced(replaced(good, key, "\"certificate\":" + certificate), "\"tlogEntries\":[]", "\"tlogEntries\":[{}]"), "METHOD_MISMATCH", "signed with Sigstore");
    attack("material/hint-that-is-a-number", replaced(good, "\"" + hint + "\"", "1"), "MALFORMED", "should be a string");
    attack("material/hint-too-long", replaced(good, hint, "x".repeat(5000)), "TOO_LARGE", "has more than 4096 bytes");
    attack("material/log-entries-that-are-an-object", replaced(good, "\"tlogEntries\":[]", "\"tlogEntries\":{}"), "MALFORMED", "should be an array");
    byte[] strangers = bundle(payload, sign(stranger, pae(PAYLOAD_TYPE, payload)), "");
    attack("material/hint-of-a-trusted-key-over-a-strangers-signature", strangers, "BAD_SIGNATURE", "its signature is not that key's");
    attack("material/hint-of-nobody-over-a-strangers-signature", replaced(strangers, hint, "00"), "UNTRUSTED_SIGNER", "No trusted key signed the bundle, which names the key with the fingerprint 00");
    attack("material/hint-of-terminal-commands", replaced(strangers, hint, "\\u001b[2J\\u202e"), "UNTRUSTED_SIGNER", "\\u001b[2J\\u202e");
    String own = base64(Files.readAllBytes(folder.resolveSibling("keys").resolve("p384-public.pem")));
    attack("material/strangers-own-key", replaced(strangers, key, "\"publicKey\":{\"rawBytes\":\"" + own + "\"}"), "UNTRUSTED_SIGNER", "No trusted key signed the bundle");
  }

  // What bundles are made of.

  private static String files(String... resources) throws Exception {
    return statement("\"method\":\"files\",\"hash_type\":\"sha256\",\"allow_symlinks\":false,\"ignore_paths\":[]", resources);
  }

  private static String shards(String size, String... resources) throws Exception {
    return statement("\"method\":\"shards\",\"hash_type\":\"sha256\",\"shard_size\":" + size + ",\"allow_symlinks\":false,\"ignore_paths\":[]", resources);
  }

  private static String resource(String name, String digest) {
    return "{\"algorithm\":\"sha256\",\"digest\":\"" + digest + "\",\"name\":\"" + name + "\"}";
  }

  private static String shard(String name, String digest) {
    return resource(name, digest).replace("\"sha256\"", "\"sha256-sharded-10\"");
  }

  /** The root digest is right if the digests are digests. */
  private static String statement(String serialization, String... resources) throws Exception {
    List<String> digests = new ArrayList<>();
    for (String resource : resources) {
      digests.add(between(utf8(resource), "\"digest\":\"", "\""));
    }
    return "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"model\",\"digest\":{\"sha256\":\""
        + root(digests)
        + "\"}}],\"predicateType\":\"https://model_signing/signature/v1.0\",\"predicate\":{\"serialization\":{"
        + serialization
        + "},\"resources\":["
        + String.join(",", resources)
        + "]}}";
  }

  private static String root(List<String> digests) throws Exception {
    MessageDigest hash = MessageDigest.getInstance("SHA-256");
    for (String digest : digests) {
      hash.update(digest.matches("([0-9a-f]{2})*") ? HexFormat.of().parseHex(digest) : utf8(digest));
    }
    return hex(hash.digest());
  }

  private static String manyFields() {
    StringBuilder fields = new StringBuilder("{\"f\":1");
    for (int i = 0; i < 1000; i++) {
      fields.append(",\"f").append(i).append("\":1");
    }
    return fields.append('}').toString();
  }

  private static byte[] good() throws Exception {
    byte[] payload = utf8(files(resource("a", ONES)));
    return bundle(payload, sign(payload), "");
  }

  private static byte[] bundle(byte[] payload, byte[] signature, String keyid) {
    return utf8(
        "{\"mediaType\":\"" + MEDIA_TYPE
            + "\",\"verificationMaterial\":{\"publicKey\":{\"hint\":\"" + hint
            + "\"},\"tlogEntries\":[]},\"dsseEnvelope\":{\"payload\":\"" + base64(payload)
            + "\",\"payloadType\":\"" + PAYLOAD_TYPE
            + "\",\"signatures\":[{\"sig\":\"" + base64(signature)
            + "\",\"keyid\":\"" + keyid + "\"}]}}");
  }

  /** A bundle whose signature's base64 is padded, spelled otherwise. */
  private static byte[] paddedSignature(byte[] payload, java.util.function.UnaryOperator<String> spelling) throws Exception {
    byte[] signature = sign(payload);
    while (signature.length % 3 == 0) {
      signature = sign(payload);
    }
    return replaced(bundle(payload, signature, ""), base64(signature), spelling.apply(base64(signature)));
  }

  /** Sets the lowest of the bits that the last letter has to spare. */
  private static String spare(String base64) {
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    int last = base64.indexOf('=') - 1;
    char next = alphabet.charAt(alphabet.indexOf(base64.charAt(last)) + 1);
    return base64.substring(0, last) + next + base64.substring(last + 1);
  }

  private static byte[] pae(String type, byte[] payload) {
    return pae(type, payload.length, payload);
  }

  private static byte[] pae(String type, int length, byte[] payload) {
    return join(utf8("DSSEv1 " + type.length() + " " + type + " " + length + " "), payload);
  }

  /** What release 0.2.0 of the reference client signed; the payload holds nothing that Python escapes. */
  private static byte[] legacyPae(byte[] payload) {
    return join(utf8("DSSEV1 28 " + PAYLOAD_TYPE + " " + payload.length + " b'"), payload, utf8("'"));
  }

  private static byte[] sign(byte[] payload) throws Exception {
    return sign(trusted, pae(PAYLOAD_TYPE, payload));
  }

  private static byte[] sign(PrivateKey key, byte[] message) throws Exception {
    Signature signature = Signature.getInstance(key == stranger ? "SHA384withECDSA" : "SHA256withECDSA");
    signature.initSign(key);
    signature.update(message);
    return signature.sign();
  }

  // DER

  private static byte[] der(byte[]... values) {
    return tagged(0x30, join(values));
  }

  private static byte[] integer(BigInteger number) {
    return tagged(2, number.toByteArray());
  }

  private static byte[] magnitude(BigInteger number) {
    return number.toByteArray();
  }

  private static byte[] fixed(BigInteger number) {
    byte[] bytes = number.toByteArray();
    byte[] fixed = new byte[32];
    for (int i = 1; i <= Math.min(32, bytes.length); i++) {
      fixed[32 - i] = bytes[bytes.length - i];
    }
    return fixed;
  }

  private static byte[] tagged(int tag, byte[] content) {
    byte[] head =
        content.length < 0x80
            ? new byte[] {(byte) tag, (byte) content.length}
            : new byte[] {(byte) tag, (byte) 0x82, (byte) (content.length >> 8), (byte) content.length};
    return join(head, content);
  }

  // Bytes and texts

  private static void signed(String name, String payload, String kind, String message) throws Exception {
    signed(name, utf8(payload), kind, message);
  }

  private static void signed(String name, byte[] payload, String kind, String message) throws Exception {
    attack(name, bundle(payload, sign(payload), ""), kind, message);
  }

  /** Writes a bundle and what is expected of it: no exception for kind NONE. */
  private static void attack(String name, byte[] bundle, String kind, String message) throws IOException {
    Path file = folder.resolve(name + ".sig");
    Files.createDirectories(file.getParent());
    Files.write(file, bundle);
    index.add(
        "  {\"bundle\": \"" + name + ".sig\", \"kind\": \"" + kind + "\", \"reason\": \""
            + REASONS.getOrDefault(kind, kind) + "\", \"message\": \""
            + message.replace("\\", "\\\\").replace("\"", "\\\"") + "\"}");
  }

  private static byte[] replaced(byte[] bundle, String from, String to) {
    String text = new String(bundle, UTF_8);
    if (!text.contains(from)) {
      throw new IllegalArgumentException("No " + from + " in " + text);
    }
    return utf8(text.replace(from, to));
  }

  private static byte[] without(byte[] bundle, String part) {
    return replaced(bundle, part, "");
  }

  private static String between(byte[] bundle, String before, String after) {
    String text = new String(bundle, UTF_8);
    int start = text.indexOf(before) + before.length();
    return text.substring(start, text.indexOf(after, start));
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      joined.writeBytes(part);
    }
    return joined.toByteArray();
  }

  private static PrivateKey key(Path pem) throws Exception {
    String base64 = Files.readString(pem).replaceAll("-----.*?-----|\\s", "");
    return KeyFactory.getInstance("EC")
        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
  }

  private static byte[] sha256(byte[] bytes) throws Exception {
    return MessageDigest.getInstance("SHA-256").digest(bytes);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }

  private static byte[] latin1(String text) {
    return text.getBytes(ISO_8859_1);
  }
}
