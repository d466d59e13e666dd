package dev.countersign.signing;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.countersign.keys.KeyPairFiles;
import dev.countersign.keys.PassphraseSource;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Digest;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.oms.VerificationMaterial.CertificateChain;
import dev.countersign.trust.CertificateForge;
import dev.countersign.trust.CertificateForge.Issued;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What we write, under the specification's own JSON Schemas ({@code resources/oms-schemas}). */
final class WrittenBundlesSchemaTest {

  private static final String BUNDLE = "bundle";
  private static final String STATEMENT = "statement";

  private static final JsonSchemaFactory SCHEMAS = schemas();

  static Stream<Arguments> serializations() {
    return Stream.of("p256", "p384", "p521", "rsa2048", "ed25519")
        .flatMap(
            key ->
                Stream.of(HashAlgorithm.values())
                    .flatMap(
                        hash ->
                            Stream.of(
                                Arguments.of(key, Serialization.files(hash)),
                                Arguments.of(key, linked(Serialization.files(hash))),
                                Arguments.of(key, Serialization.shards(hash, 10)),
                                Arguments.of(key, linked(Serialization.shards(hash, 10))))));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("serializations")
  void sign_withAKey_keepsTheSchemas(String key, Serialization serialization) throws Exception {
    try (KeySigner signer = signer(key)) {
      Bundle bundle =
          new BundleSigner(signer, ShardAlgorithm.SPEC, Optional.empty())
              .sign(manifest(serialization));

      assertThat(faults(BUNDLE, BundleJson.write(bundle))).isEmpty();
      assertThat(faults(STATEMENT, bundle.envelope().payload())).isEmpty();
    }
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("serializations")
  void write_withCertificatesAndATimestamp_keepsTheSchemas(String key, Serialization serialization)
      throws Exception {
    try (KeySigner signer = signer(key)) {
      Bundle signed =
          new BundleSigner(signer, ShardAlgorithm.SPEC, Optional.empty())
              .sign(manifest(serialization));
      Bundle bundle =
          new Bundle(
              new CertificateChain(List.of(new byte[] {0x30, 0}, new byte[] {0x30, 0})),
              signed.envelope(),
              List.of(new SignedTimestamp(new byte[] {0x30, 0})),
              List.of());

      assertThat(faults(BUNDLE, BundleJson.write(bundle))).isEmpty();
    }
  }

  @Test
  void sign_withACertificate_keepsTheSchemas(@TempDir Path folder) throws Exception {
    Issued root = CertificateForge.ca("CN=Root").issue();
    Issued leaf = CertificateForge.leaf("CN=Signer").signedBy(root).issue();
    Path key = folder.resolve("signer.key");
    Files.write(key, KeyPairFiles.privatePem(leaf.keys().getPrivate(), Optional.empty()));
    CertificateSigningSettings settings =
        new CertificateSigningSettings(
            key.toString(),
            PassphraseSource.NONE,
            List.of(leaf.certificate().getEncoded()),
            List.of(root.certificate().getEncoded()));
    Serialization serialization = linked(Serialization.shards(HashAlgorithm.SHA256, 10));
    try (CertificateSigner signer = CertificateSigner.load(settings)) {
      Bundle bundle =
          new BundleSigner(signer, ShardAlgorithm.SPEC, Optional.empty())
              .sign(manifest(serialization));

      assertThat(bundle.material())
          .isInstanceOfSatisfying(
              CertificateChain.class, chain -> assertThat(chain.der()).isNotEmpty());
      assertThat(faults(BUNDLE, BundleJson.write(bundle))).isEmpty();
      assertThat(faults(STATEMENT, bundle.envelope().payload())).isEmpty();
    }
  }

  /** The one place where the schema contradicts both known clients. We do as they do by default. */
  @Test
  void sign_withTheClientsSpellingOfShards_breaksTheSchemaThereAlone() throws Exception {
    Serialization serialization = Serialization.shards(HashAlgorithm.SHA256, 10);
    try (KeySigner signer = signer("p256")) {
      Bundle bundle =
          new BundleSigner(signer, ShardAlgorithm.CLIENT, Optional.empty())
              .sign(manifest(serialization));

      assertThat(faults(BUNDLE, BundleJson.write(bundle))).isEmpty();
      assertThat(faults(STATEMENT, bundle.envelope().payload()))
          .hasSize(3)
          .allMatch(fault -> fault.matches("\\$\\.predicate\\.resources\\[[012]]\\.algorithm: .*"));
    }
  }

  /** A validator that finds nothing wrong with anything would prove nothing. */
  @Test
  void schemas_refuseWhatIsNotOms() {
    assertThat(faults(BUNDLE, "{}".getBytes(StandardCharsets.UTF_8))).hasSize(3);
    assertThat(faults(STATEMENT, "{\"predicate\":{}}".getBytes(StandardCharsets.UTF_8)))
        .anyMatch(fault -> fault.contains("'serialization'"))
        .anyMatch(fault -> fault.contains("'_type'"));
  }

  private static Serialization linked(Serialization serialization) {
    return serialization.withAllowSymlinks(true).withIgnorePaths(List.of(".git", "a/b:c", "模型"));
  }

  private static Manifest manifest(Serialization serialization) throws OmsException {
    Digest digest = Digest.of(new byte[serialization.hash().digestLength()]);
    List<Resource> resources = new ArrayList<>();
    if (serialization.method() == SerializationMethod.FILES) {
      resources.add(Resource.whole("config.json", digest));
      resources.add(Resource.whole("模型/a:0:1", digest));
    } else {
      resources.add(new Resource("config.json", 0, 7, digest));
      resources.add(new Resource("模型/a:0:1", 0, 10, digest));
      resources.add(new Resource("模型/a:0:1", 10, 11, digest));
    }
    return Manifest.sorted("model", serialization, resources);
  }

  private static KeySigner signer(String name) throws Exception {
    return KeySigner.load(
        new KeySigningSettings(
            key("test-only-" + name + "-pkcs8.pem").toString(), PassphraseSource.NONE));
  }

  private static Path key(String name) throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(WrittenBundlesSchemaTest.class.getResource("/keys/" + name), name)
            .toURI());
  }

  private static List<String> faults(String schema, byte[] json) {
    JsonSchema loaded =
        SCHEMAS.getSchema(SchemaLocation.of("https://model_signing/" + schema + "/v1.0/schema"));
    Set<ValidationMessage> faults =
        loaded.validate(new String(json, StandardCharsets.UTF_8), InputFormat.JSON);
    return faults.stream().map(ValidationMessage::getMessage).toList();
  }

  /** They refer to each other by names that lead nowhere, so all are given. */
  private static JsonSchemaFactory schemas() {
    Map<String, String> texts = new HashMap<>();
    for (String name : List.of(BUNDLE, "envelope", STATEMENT, "predicate")) {
      texts.put("https://model_signing/" + name + "/v1.0/schema", text(name));
    }
    return JsonSchemaFactory.getInstance(
        SpecVersion.VersionFlag.V202012,
        builder -> builder.schemaLoaders(loaders -> loaders.schemas(texts)));
  }

  private static String text(String name) {
    String path = "/oms-schemas/" + name + ".schema.json";
    try (InputStream in =
        Objects.requireNonNull(WrittenBundlesSchemaTest.class.getResourceAsStream(path), path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
