package dev.countersign.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.catalog.BundleTemplate;
import dev.countersign.catalog.CatalogException;
import dev.countersign.keys.KeyPairFiles;
import dev.countersign.keys.PassphraseSource;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Serialization;
import dev.countersign.policy.PolicyFile;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import dev.countersign.signing.KeySigningSettings;
import dev.countersign.signing.SigningSettings;
import dev.countersign.verification.KeyVerificationSettings;
import dev.countersign.verification.VerificationSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link ModelPipeline} in jobs of others, among them the examples of the manual. */
@Timeout(300)
final class ModelPipelineITCase {

  private static final Path THIS =
      Path.of("src/test/java/dev/countersign/pipeline/ModelPipelineITCase.java");

  @TempDir Path folder;

  private Path publicKey;
  private Path privateKey;
  private List<String> models;

  @BeforeEach
  void setUp() throws IOException {
    KeyPair pair = KeyPairFiles.generate("P-256");
    publicKey = Files.writeString(folder.resolve("k.pub"), PublicKeyFile.pem(pair.getPublic()));
    privateKey = folder.resolve("k.key");
    Files.write(privateKey, KeyPairFiles.privatePem(pair.getPrivate(), Optional.empty()));
    models = new ArrayList<>();
    for (String name : List.of("a", "b")) {
      Path model = Files.createDirectories(folder.resolve("lake").resolve(name));
      Files.writeString(model.resolve("weights"), "weights of " + name);
      models.add(model.toString());
    }
  }

  @Test
  void examples_signAndVerify() throws Exception {
    Path catalog =
        Files.write(
            folder.resolve("lake.csv"),
            List.of("model", models.get(0), models.get(1), folder + "/lake/none"));

    List<String> signed = collect(signed(environment(), privateKey.toString(), catalog.toString()));
    Files.writeString(folder.resolve("lake/b/weights"), "other weights");
    List<String> failed = collect(failed(environment(), publicKey.toString(), models));

    assertThat(signed).containsExactlyInAnyOrder("a SIGNED", "b SIGNED", "none FAILED");
    assertThat(failed).containsExactly("b: CONTENT_MISMATCH");
  }

  private static DataStream<String> failed(
      StreamExecutionEnvironment env, String publicKey, List<String> models) throws Exception {
    // javadoc:begin
    VerificationSettings trust =
        new KeyVerificationSettings(List.of(PublicKeyFile.pem(PublicKeyFile.load(publicKey))));
    DataStream<ModelResult> results = ModelPipeline.verify(trust).models(env, models);
    DataStream<String> failed =
        results
            .filter(result -> result.getOutcome() == Outcome.FAILED)
            .map(result -> result.getName() + ": " + result.getReason());
    // javadoc:end
    return failed;
  }

  private static DataStream<String> signed(
      StreamExecutionEnvironment env, String privateKey, String catalog) throws Exception {
    // readme:begin
    env.enableCheckpointing(10_000);
    SigningSettings signer = new KeySigningSettings(privateKey, PassphraseSource.NONE);
    DataStream<ModelResult> results =
        ModelPipeline.sign(signer)
            .serialization(Serialization.files(HashAlgorithm.BLAKE3))
            .catalog(env, catalog);
    DataStream<String> outcomes =
        results.map(result -> result.getName() + " " + result.getOutcome());
    // readme:end
    return outcomes;
  }

  @ParameterizedTest
  @CsvSource({
    "javadoc, src/main/java/dev/countersign/pipeline/ModelPipeline.java",
    "readme, README.md"
  })
  void example_inDocument_isTheOneHere(String example, Path document) throws IOException {
    String here = Files.readString(THIS);
    String code =
        here.substring(
                here.indexOf("// " + example + ":begin\n"), here.indexOf("// " + example + ":end"))
            .replaceFirst(".*\n", "")
            .stripIndent();

    String text = Files.readString(document).replaceAll("(?m)^ \\* ?", "");

    assertThat(text).contains(code.strip());
  }

  @Test
  void verify_underAPolicy_givesTheRuleThatAccepted() throws Exception {
    Files.writeString(
        folder.resolve("policy.yaml"),
        """
        version: 1
        rules:
        - name: ours
          models: .*
          accept:
            keys: k.pub
        """);
    BundleTemplate bundles = BundleTemplate.parse(folder + "/bundles/{name}.sig");
    Files.createDirectory(folder.resolve("bundles"));
    SigningSettings signer = new KeySigningSettings(privateKey.toString(), PassphraseSource.NONE);

    List<ModelResult> signed =
        collect(ModelPipeline.sign(signer).bundles(bundles).models(environment(), models));
    List<ModelResult> verified =
        collect(
            ModelPipeline.verify(PolicyFile.load("policy.yaml", folder))
                .bundles(bundles)
                .models(environment(), List.of(folder + "/lake/*")));

    assertThat(folder.resolve("bundles")).isDirectoryContaining("glob:**/a.sig");
    assertThat(signed).extracting(ModelResult::getOutcome).containsOnly(Outcome.SIGNED);
    assertThat(verified).extracting(ModelResult::getOutcome).containsOnly(Outcome.VERIFIED);
    assertThat(verified).hasSize(2).extracting(ModelResult::getPolicyRule).containsOnly("ours");
  }

  @Test
  void digest_ofModels_givesTheirRootDigests() throws Exception {
    List<ModelResult> digested =
        collect(
            ModelPipeline.digest()
                .serialization(Serialization.shards(HashAlgorithm.SHA256, 4))
                .models(environment(), models));

    assertThat(digested).extracting(ModelResult::getName).containsExactly("a", "b");
    assertThat(digested).extracting(ModelResult::getOutcome).containsOnly(Outcome.DIGESTED);
    assertThat(digested).extracting(ModelResult::getShardSize).containsOnly(4L);
    assertThat(digested)
        .extracting(ModelResult::getRootDigest)
        .doesNotHaveDuplicates()
        .allMatch(digest -> digest.matches("[0-9a-f]{64}"));
  }

  @Test
  void models_thatExcludeEachOther_areRefused() {
    List<String> nested = List.of(folder + "/lake", folder + "/lake/a");

    assertThatThrownBy(() -> ModelPipeline.digest().models(environment(), nested))
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("lake/a");
  }

  @Test
  void streams_withNames_areInOneJob() throws Exception {
    StreamExecutionEnvironment env = environment();
    SigningSettings signer = new KeySigningSettings(privateKey.toString(), PassphraseSource.NONE);

    List<ModelResult> results =
        collect(
            ModelPipeline.sign(signer)
                .models(env, models.subList(0, 1))
                .union(
                    ModelPipeline.digest().name("digests").models(env, models.subList(1, 2)),
                    ModelPipeline.digest().name("missing").models(env, List.of(folder + "/none"))));

    assertThat(results)
        .extracting(result -> result.getName() + " " + result.getOutcome())
        .containsExactly("a SIGNED", "b DIGESTED", "none FAILED");
  }

  @Test
  void streams_withTheSameName_areRefused() throws Exception {
    StreamExecutionEnvironment env = environment();
    DataStream<ModelResult> unused = ModelPipeline.digest().models(env, models);
    DataStream<ModelResult> named = ModelPipeline.digest().name("x").models(env, models);

    assertThat(named).isNotNull();
    assertThatThrownBy(() -> ModelPipeline.digest().models(env, models))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "The job has a stream of results without a name already. Give this one another name.");
    assertThatThrownBy(() -> ModelPipeline.digest().name("x").models(env, models))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("of the name 'x'");
    assertThatThrownBy(() -> ModelPipeline.digest().name(" "))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static StreamExecutionEnvironment environment() {
    return StreamExecutionEnvironment.createLocalEnvironment(2, new Configuration());
  }

  private static <T> List<T> collect(DataStream<T> stream) throws Exception {
    List<T> all = new ArrayList<>();
    try (CloseableIterator<T> results = stream.executeAndCollect()) {
      results.forEachRemaining(all::add);
    }
    all.sort(Comparator.comparing(one -> one instanceof ModelResult r ? r.getName() : ""));
    return all;
  }
}
