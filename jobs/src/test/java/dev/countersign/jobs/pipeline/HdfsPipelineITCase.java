package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.catalog.BundleTemplate;
import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.EntryRules;
import dev.countersign.catalog.ModelGlobs;
import dev.countersign.catalog.NamedModel;
import dev.countersign.catalog.file.CatalogFile;
import dev.countersign.jobs.ForkedProgram;
import dev.countersign.keys.KeyPairFiles;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Models that lie in a real HDFS are signed and verified where they are. */
@Timeout(180)
final class HdfsPipelineITCase {

  @TempDir static java.nio.file.Path folder;

  /** What one test writes on the local disk. */
  @TempDir java.nio.file.Path own;

  private static MiniDFSCluster hdfs;
  private static FileSystem fileSystem;

  @BeforeAll
  static void startHdfs() throws IOException {
    Configuration configuration = new Configuration();
    configuration.set("hdfs.minidfs.basedir", folder.resolve("hdfs").toString());
    hdfs = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
    hdfs.waitClusterUp();
    fileSystem = hdfs.getFileSystem();
  }

  @AfterAll
  static void stopHdfs() {
    if (hdfs != null) {
      hdfs.shutdown();
    }
  }

  @Test
  void sign_ofModelsInHdfs_writesBundlesBesideThemThatVerify() throws Exception {
    write("/lake/a/config.json", 20);
    write("/lake/a/nested/weights", 9_000_000);
    write("/lake/模型/weights", 100);
    TestRuns runs = new TestRuns(own);
    List<CatalogEntry> entries = List.of(entry(0, "/lake/a"), entry(1, "/lake/模型"));

    List<ModelResult> signed = runs.run(Operation.SIGN, entries);
    List<ModelResult> verified = runs.run(Operation.VERIFY, entries);
    write("/lake/a/nested/weights", 9_000_000, 2);
    List<ModelResult> tampered = runs.run(Operation.VERIFY, entries);

    assertThat(signed).extracting(ModelResult::getOutcome).containsOnly(Outcome.SIGNED);
    assertThat(signed.get(0).getBytes()).isEqualTo(9_000_020);
    assertThat(fileSystem.exists(new Path("/lake/a/model.sig"))).isTrue();
    assertThat(fileSystem.listStatus(new Path("/lake/a")))
        .extracting(status -> status.getPath().getName())
        .containsExactlyInAnyOrder("config.json", "model.sig", "nested");
    assertThat(verified).extracting(ModelResult::getOutcome).containsOnly(Outcome.VERIFIED);
    assertThat(tampered.get(0).getReason()).isEqualTo(FailureReason.CONTENT_MISMATCH);
    assertThat(tampered.get(0).getDifferences().get(0).getKind()).isEqualTo(DifferenceKind.CHANGED);
    assertThat(tampered.get(0).getDifferences().get(0).getName()).isEqualTo("nested/weights");
    assertThat(tampered.get(1).getOutcome()).isEqualTo(Outcome.VERIFIED);
  }

  @Test
  void catalog_inHdfs_namesModelsBesideIt() throws Exception {
    write("/listed/a/weights", 1_000);
    write("/listed/b/weights", 2_000);
    fileSystem.mkdirs(new Path("/listed/sigs"));
    writeText(
        "/listed/catalog.csv",
        "model,name,signature,team\na,first,,vision\nb,,sigs/b.sig,\na,too,few\ngone,,,\n");
    TestRuns runs = new TestRuns(own);
    CatalogFile catalog =
        CatalogFile.check(
            uri("/listed/catalog.csv"),
            new EntryRules(
                BundleTemplate.standard(),
                List.of(uri("/listed/sigs")),
                List.of(),
                EntryRules.Ignores.SKIPPED),
            List.of());

    List<ModelResult> signed = runs.run(Operation.SIGN, catalog);
    List<ModelResult> verified = runs.run(Operation.VERIFY, catalog);

    assertThat(catalog.size()).isEqualTo(4);
    assertThat(signed)
        .extracting(ModelResult::getModel)
        .startsWith(uri("/listed/a"), uri("/listed/b"));
    assertThat(signed)
        .extracting(ModelResult::getOutcome)
        .containsExactly(Outcome.SIGNED, Outcome.SIGNED, Outcome.FAILED, Outcome.FAILED);
    assertThat(verified)
        .extracting(ModelResult::getReason)
        .containsExactly(
            FailureReason.NONE,
            FailureReason.NONE,
            FailureReason.BAD_CATALOG_ENTRY,
            FailureReason.MODEL_NOT_FOUND);
    assertThat(verified).extracting(ModelResult::getLine).containsExactly(2L, 3L, 4L, 5L);
    assertThat(verified.get(0).getName()).isEqualTo("first");
    assertThat(verified.get(0).getLabels()).isEqualTo(Map.of("team", "vision"));
    assertThat(verified.get(1).getSignature()).isEqualTo(uri("/listed/sigs/b.sig"));
    assertThat(fileSystem.exists(new Path("/listed/a/model.sig"))).isTrue();
    assertThat(fileSystem.exists(new Path("/listed/sigs/b.sig"))).isTrue();
  }

  @Test
  void glob_inHdfs_namesWhatLiesThere() throws Exception {
    write("/hub/org-a/m1/weights", 100);
    write("/hub/org-a/m2/weights", 200);
    write("/hub/org-b/m1/weights", 300);
    write("/hub/org-b/.hidden/weights", 400);
    write("/hub/README", 10);
    TestRuns runs = new TestRuns(own);

    List<NamedModel> models = ModelGlobs.expand(List.of(uri("/hub/*/*")), own.toString());
    List<CatalogEntry> entries = new ArrayList<>();
    for (NamedModel model : models) {
      entries.add(
          CatalogEntry.builder(entries.size(), model.model())
              .name(model.name())
              .bundle(model.model() + "/model.sig")
              .build());
    }
    List<ModelResult> signed = runs.run(Operation.SIGN, entries);
    List<ModelResult> verified = runs.run(Operation.VERIFY, entries);

    assertThat(models)
        .containsExactly(
            new NamedModel(uri("/hub/org-a/m1"), "org-a/m1", "", uri("/hub")),
            new NamedModel(uri("/hub/org-a/m2"), "org-a/m2", "", uri("/hub")),
            new NamedModel(uri("/hub/org-b/m1"), "org-b/m1", "", uri("/hub")));
    assertThat(signed).extracting(ModelResult::getOutcome).containsOnly(Outcome.SIGNED);
    assertThat(verified).extracting(ModelResult::getOutcome).containsOnly(Outcome.VERIFIED);
    assertThat(verified).extracting(ModelResult::getBytes).containsExactly(100L, 200L, 300L);
    assertThatThrownBy(() -> ModelGlobs.expand(List.of(uri("/hub/*/n*")), own.toString()))
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("matches nothing");
  }

  @Test
  void policyAndList_inHdfs_areReadWithTheSettingsOfTheCommand() throws Exception {
    KeyPair pair = KeyPairFiles.generate("P-256");
    writeText("/trust/keys/release.pub", PublicKeyFile.pem(pair.getPublic()));
    writeText(
        "/trust/policy.yaml",
        """
        version: 1
        rules:
        - name: all
          models: .*
          accept: {keys: keys/release.pub}
        """);
    List<String> setting = List.of("--fs-option", "fs.defaultFS=" + fileSystem.getUri());

    ForkedProgram policy = program(setting, "policy", "check", "hdfs:///trust/policy.yaml");
    int shown = policy.await();
    List<String> rules = policy.out();
    ForkedProgram list =
        program(setting, "verify", "certificate", "--crl", "hdfs:///trust/policy.yaml", "m");
    int noList = list.await();

    assertThat(shown).as(policy.err()).isZero();
    assertThat(rules).anyMatch(line -> line.contains("keys/release.pub"));
    assertThat(noList).isEqualTo(2);
    assertThat(list.err())
        .contains("Cannot use hdfs:///trust/policy.yaml as a revocation list: it has no PEM");
  }

  private ForkedProgram program(List<String> setting, String... command) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.addAll(setting);
    return ForkedProgram.start(own, List.of(), arguments);
  }

  private static String uri(String path) {
    return fileSystem.getUri() + path;
  }

  private static void writeText(String path, String text) throws IOException {
    try (OutputStream out = fileSystem.create(new Path(path), true)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static CatalogEntry entry(long id, String path) {
    String model = uri(path);
    return CatalogEntry.builder(id, model).name(path).bundle(model + "/model.sig").build();
  }

  private static void write(String path, int bytes) throws IOException {
    write(path, bytes, 1);
  }

  private static void write(String path, int bytes, long seed) throws IOException {
    byte[] content = new byte[bytes];
    new Random(seed).nextBytes(content);
    try (OutputStream out = fileSystem.create(new Path(path), true)) {
      out.write(content);
    }
  }
}
