package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
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
    TestRuns runs = new TestRuns(folder);
    List<CatalogEntry> entries = List.of(entry(0, "/lake/a"), entry(1, "/lake/模型"));

    List<ModelResult> signed = runs.run(Operation.SIGN, entries);
    List<ModelResult> verified = runs.run(Operation.VERIFY, entries);
    write("/lake/a/nested/weights", 9_000_000, 2);
    List<ModelResult> tampered = runs.run(Operation.VERIFY, entries);

    assertThat(signed).extracting(ModelResult::getOutcome).containsOnly(Outcome.SIGNED);
    assertThat(signed.get(0).getBytes()).isEqualTo(9_000_020);
    assertThat(fileSystem.exists(new Path("/lake/a/model.sig"))).isTrue();
    assertThat(fileSystem.exists(new Path("/lake/a/.model.sig.countersign-tmp"))).isFalse();
    assertThat(verified).extracting(ModelResult::getOutcome).containsOnly(Outcome.VERIFIED);
    assertThat(tampered.get(0).getReason()).isEqualTo(FailureReason.CONTENT_MISMATCH);
    assertThat(tampered.get(0).getDifferences().get(0).getKind()).isEqualTo(DifferenceKind.CHANGED);
    assertThat(tampered.get(0).getDifferences().get(0).getName()).isEqualTo("nested/weights");
    assertThat(tampered.get(1).getOutcome()).isEqualTo(Outcome.VERIFIED);
  }

  private static CatalogEntry entry(long id, String path) {
    String model = fileSystem.getUri() + path;
    return new CatalogEntry(id, model, path, "", model + "/model.sig");
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
