package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.pipeline.Stage;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import dev.countersign.source.units.WindowSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster whose processes each mount the folder with the models under a device number of their
 * own, as hosts do that share an NFS or Lustre mount. Linux, {@code bindfs} and the right to mount;
 * run by {@code .ci/mounts}.
 */
@EnabledIfSystemProperty(named = "mounts.required", matches = "true")
@Timeout(180)
final class MountViewsITCase {

  /** Mounts $1 at $2 for one process tree alone, notes the device in $3, executes the rest. */
  private static final String VIEW =
      "umount \"$2\" && bindfs -o attr_timeout=0,entry_timeout=0 \"$1\" \"$2\" && stat -c %d \"$2\""
          + " > \"$3\" && shift 3 && exec \"$@\"";

  @TempDir Path folder;

  private TestRuns runs;
  private Path store;
  private Path models;

  @BeforeEach
  void mount() throws Exception {
    runs = new TestRuns(folder);
    runs.configuration.setString("execution.checkpointing.interval", "1s");
    runs.window = new WindowSettings(20, 1 << 20, 2, 1, 4_096, 1 << 20);
    store = Files.createDirectory(folder.resolve("store"));
    models = Files.createDirectory(folder.resolve("mounted"));
    assertThat(run("bindfs", "-o", "attr_timeout=0,entry_timeout=0", "" + store, "" + models))
        .as("bindfs has mounted the view of the job manager")
        .isZero();
  }

  @AfterEach
  void unmount() throws Exception {
    assertThat(run("fusermount", "-u", models.toString())).isZero();
  }

  @Test
  void run_whereEachProcessMountsTheModels_signsAndVerifiesThem() throws Exception {
    for (int model = 0; model < 6; model++) {
      for (int file = 0; file < 5; file++) {
        Path path = store.resolve("m" + model + "/d" + file % 2 + "/f" + file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, "content of file " + file + " in model " + model);
      }
    }
    Path[] mounted = new Path[6];
    for (int model = 0; model < mounted.length; model++) {
      mounted[model] = models.resolve("m" + model);
    }

    List<ModelResult> signed;
    List<ModelResult> verified;
    List<ModelResult> tampered;
    Map<String, Long> units;
    try (RealCluster cluster = RealCluster.start("mounts", folder)) {
      startWorker(cluster, "one");
      startWorker(cluster, "two");
      cluster.awaitWorkers(2);
      runs.runner = cluster;
      signed = runs.sign(mounted);
      verified = runs.verify(mounted);
      units = cluster.recordsByWorker(Stage.MODELS.title());
      Files.writeString(store.resolve("m3/d1/f1"), "content of file 1 in model X");
      tampered = runs.verify(mounted);
    }

    assertThat(devices()).as("device numbers of the three views and the folder").hasSize(4);
    assertThat(signed).hasSize(6).extracting(ModelResult::getOutcome).containsOnly(Outcome.SIGNED);
    assertThat(store.resolve("m0/model.sig")).isNotEmptyFile();
    assertThat(verified).extracting(ModelResult::getOutcome).containsOnly(Outcome.VERIFIED);
    assertThat(units).hasSize(2).allSatisfy((worker, count) -> assertThat(count).isPositive());
    assertThat(tampered)
        .filteredOn(result -> result.getOutcome() != Outcome.VERIFIED)
        .singleElement()
        .satisfies(
            result -> {
              assertThat(result.getModel()).endsWith("/m3");
              assertThat(result.getReason()).isEqualTo(FailureReason.CONTENT_MISMATCH);
            });
  }

  private void startWorker(RealCluster cluster, String view) throws IOException {
    List<String> launcher =
        new ArrayList<>(List.of("unshare", "--mount", "--pid", "--fork", "--kill-child"));
    launcher.addAll(List.of("--mount-proc", "sh", "-c", VIEW, "sh"));
    launcher.addAll(List.of("" + store, "" + models, "" + folder.resolve("device-" + view)));
    RealCluster.Worker unused = cluster.startWorker(launcher, Map.of());
  }

  private Set<String> devices() throws IOException {
    Set<String> devices = new TreeSet<>();
    for (String view : List.of("one", "two")) {
      devices.add(Files.readString(folder.resolve("device-" + view)).strip());
    }
    devices.add(Files.getAttribute(models, "unix:dev").toString());
    devices.add(Files.getAttribute(store, "unix:dev").toString());
    return devices;
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
