package dev.countersign.oms;

import static dev.countersign.oms.OmsAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.countersign.hashing.HashKernels;
import dev.countersign.hashing.HashState;
import dev.countersign.hashing.KernelChoice;
import dev.countersign.oms.VerificationMaterial.CertificateChain;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every bundle that other clients wrote; see the fixtures' own README. */
final class ReferenceBundlesTest {

  private static final String BUNDLES = "/bundles/";
  private static final OmsBounds BOUNDS = OmsBounds.defaults();

  static Stream<Map<String, String>> everyBundle() throws IOException {
    return index().stream();
  }

  static Stream<Map<String, String>> bundlesOfFormatOne() throws IOException {
    return index().stream().filter(entry -> !entry.get("release").equals("0.2.0"));
  }

  static Stream<Map<String, String>> bundlesBeforeFormatOne() throws IOException {
    return index().stream().filter(entry -> entry.get("release").equals("0.2.0"));
  }

  @ParameterizedTest
  @MethodSource("bundlesOfFormatOne")
  void read_ofItsBundle_givesTheRootDigestItRecorded(Map<String, String> entry) throws Exception {
    Bundle bundle = BundleJson.read(resource(entry.get("bundle")), BOUNDS);

    Manifest manifest = Statement.read(bundle.envelope().payload(), BOUNDS);

    assertThat(bundle.material().method()).isEqualTo(methodOf(entry));
    assertThat(manifest.rootDigest().hex()).isEqualTo(entry.get("rootDigest"));
    assertThat(manifest.serialization().method().omsName()).isEqualTo(entry.get("method"));
    assertThat(manifest.serialization().hash().omsName()).isEqualTo(entry.get("hash"));
    if (entry.containsKey("shard_size")) {
      assertThat(manifest.serialization().shardSize())
          .isEqualTo(Long.parseLong(entry.get("shard_size")));
    }
  }

  @ParameterizedTest
  @MethodSource("bundlesOfFormatOne")
  void digests_inItsBundle_areOursOfTheSameBytes(Map<String, String> entry) throws Exception {
    Manifest manifest = manifestOf(entry);

    for (Resource listed : manifest.resources()) {
      byte[] content = contentOf(entry.get("model"), listed.path());
      int end = listed.isShard() ? (int) listed.end() : content.length;
      HashState hash =
          HashKernels.of(KernelChoice.JDK)
              .forAlgorithm(manifest.serialization().hash().omsName())
              .newState();
      hash.update(content, (int) listed.start(), end - (int) listed.start());

      assertThat(Digest.of(hash.digest())).as(listed.name()).isEqualTo(listed.digest());
    }
  }

  @ParameterizedTest
  @MethodSource("bundlesOfFormatOne")
  void write_ofItsManifest_readsAsTheSame(Map<String, String> entry) throws Exception {
    Manifest manifest = manifestOf(entry);
    boolean unnamed = manifest.resources().get(0).path().equals(Manifest.UNNAMED_FILE);

    byte[] payload = Statement.write(manifest, ShardAlgorithm.CLIENT);
    Manifest again = Statement.read(payload, BOUNDS);

    assertThat(again.resources()).isEqualTo(manifest.resources());
    assertThat(again.serialization()).isEqualTo(manifest.serialization());
    assertThat(unnamed).isEqualTo(entry.get("bundle").endsWith("single-file.sig"));
  }

  @ParameterizedTest
  @MethodSource("bundlesBeforeFormatOne")
  void read_ofItsStatementBeforeFormatOne_givesTheDigestsOfTheFiles(Map<String, String> entry)
      throws Exception {
    byte[] payload = BundleJson.read(resource(entry.get("bundle")), BOUNDS).envelope().payload();

    Manifest manifest = LegacyStatement.read(payload, BOUNDS);

    assertThat(manifest.resources()).hasSize(entry.get("model").equals("names") ? 12 : 6);
    for (Resource listed : manifest.resources()) {
      HashState hash = HashKernels.of(KernelChoice.JDK).forAlgorithm("sha256").newState();
      byte[] content = contentOf(entry.get("model"), listed.path());
      hash.update(content, 0, content.length);

      assertThat(Digest.of(hash.digest())).as(listed.name()).isEqualTo(listed.digest());
    }
  }

  @ParameterizedTest
  @MethodSource("bundlesOfFormatOne")
  void readLegacy_ofItsStatementOfFormatOne_saysThatThePredicateIsAnother(Map<String, String> entry)
      throws Exception {
    Bundle bundle = BundleJson.read(resource(entry.get("bundle")), BOUNDS);

    assertRefused(
        () -> LegacyStatement.read(bundle.envelope().payload(), BOUNDS),
        OmsException.Kind.UNSUPPORTED_PREDICATE,
        "predicate of type \"https://model_signing/signature/v1.0\"; only");
  }

  @ParameterizedTest
  @MethodSource("bundlesBeforeFormatOne")
  void read_ofItsStatementBeforeFormatOne_saysThatThePredicateIsAnother(Map<String, String> entry)
      throws Exception {
    Bundle bundle = BundleJson.read(resource(entry.get("bundle")), BOUNDS);

    assertRefused(
        () -> Statement.read(bundle.envelope().payload(), BOUNDS),
        OmsException.Kind.UNSUPPORTED_PREDICATE,
        "https://model_signing/Digests/v0.1");
  }

  @ParameterizedTest
  @MethodSource("everyBundle")
  void material_ofItsBundle_isWhatItWasSignedWith(Map<String, String> entry) throws Exception {
    VerificationMaterial material =
        BundleJson.read(resource(entry.get("bundle")), BOUNDS).material();

    assertThat(material.method()).isEqualTo(methodOf(entry));
    if (material instanceof CertificateChain chain) {
      assertThat(certificate(chain.der().get(0)))
          .isEqualTo(certificate(resource(entry.get("certificate"))));
    }
  }

  @Test
  void index_listsEveryReleaseWithKeysAndCertificates() throws IOException {
    List<String> releases =
        List.of("0.2.0", "0.3.0", "0.3.1", "1.0.0", "1.0.1", "1.1.0", "1.1.1", "go-client");

    for (SignatureMethod method : List.of(SignatureMethod.KEY, SignatureMethod.CERTIFICATE)) {
      assertThat(index())
          .filteredOn(entry -> methodOf(entry) == method)
          .extracting(entry -> entry.get("release"))
          .as("releases with bundles of method %s", method)
          .containsAll(releases);
    }
  }

  private static Manifest manifestOf(Map<String, String> entry) throws Exception {
    return Statement.read(
        BundleJson.read(resource(entry.get("bundle")), BOUNDS).envelope().payload(), BOUNDS);
  }

  private static SignatureMethod methodOf(Map<String, String> entry) {
    return "certificate".equals(entry.get("material"))
        ? SignatureMethod.CERTIFICATE
        : SignatureMethod.KEY;
  }

  private static Certificate certificate(byte[] encoded) throws Exception {
    return CertificateFactory.getInstance("X.509")
        .generateCertificate(new ByteArrayInputStream(encoded));
  }

  /** Returns what the signer saw under {@code path}: in a folder, or in a tree that is text. */
  private static byte[] contentOf(String model, String path) throws IOException {
    Map<String, String> tree = trees().get(model);
    if (tree != null) {
      String content = tree.get(path);
      assertThat(content).as("%s in the tree %s", path, model).isNotNull();
      return content.getBytes(StandardCharsets.UTF_8);
    }
    return resource(path.equals(Manifest.UNNAMED_FILE) ? model : model + "/" + path);
  }

  private static List<Map<String, String>> index() throws IOException {
    List<Map<String, String>> entries = new ArrayList<>();
    try (JsonParser json = new JsonFactory().createParser(resource("index.json"))) {
      json.nextToken();
      while (json.nextToken() == JsonToken.START_OBJECT) {
        entries.add(flatObject(json));
      }
    }
    return entries;
  }

  private static Map<String, Map<String, String>> trees() throws IOException {
    Map<String, Map<String, String>> trees = new LinkedHashMap<>();
    try (JsonParser json = new JsonFactory().createParser(resource("trees.json"))) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        trees.put(name, flatObject(json));
      }
    }
    // A link carries the content of its target.
    trees.values().forEach(tree -> tree.replaceAll((path, text) -> followed(tree, path, text)));
    return trees;
  }

  private static String followed(Map<String, String> tree, String path, String text) {
    if (!text.startsWith("{link}")) {
      return text;
    }
    return tree.get(Path.of(path).resolveSibling(text.substring(6)).normalize().toString());
  }

  /** Reads strings and numbers; of an object within, a link's target; of the rest, nothing. */
  private static Map<String, String> flatObject(JsonParser json) throws IOException {
    Map<String, String> object = new LinkedHashMap<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      if (json.nextToken() == JsonToken.START_OBJECT) {
        object.put(name, "{link}" + flatObject(json).get("link"));
      } else if (json.currentToken() == JsonToken.START_ARRAY) {
        json.skipChildren();
      } else {
        object.put(name, json.getText());
      }
    }
    return object;
  }

  private static byte[] resource(String path) throws IOException {
    try (InputStream in = ReferenceBundlesTest.class.getResourceAsStream(BUNDLES + path)) {
      assertThat(in).as("fixture %s", path).isNotNull();
      return in.readAllBytes();
    }
  }
}
