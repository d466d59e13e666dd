package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.catalog.BundleTemplate;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.CatalogSource;
import dev.countersign.catalog.EntryRules;
import dev.countersign.catalog.file.CatalogFile;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.source.units.WindowSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.CheckpointStatsCounts;
import org.apache.flink.runtime.client.JobExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run over a catalog that breaks in the middle and goes on. */
@Timeout(180)
final class CatalogRestoreITCase {

  /** Comes after more entries than are read ahead. */
  private static final int BROKEN = 700;

  private static final int MODELS = 900;

  @TempDir Path folder;

  private TestRuns runs;
  private Path catalog;

  @BeforeEach
  void makeCatalog() throws IOException {
    runs = new TestRuns(folder);
    runs.window = new WindowSettings(5, 1 << 20, 2, 1, 4_096, 1 << 20);
    runs.configuration.setString("execution.checkpointing.interval", "300ms");
    catalog = folder.resolve("catalog.csv");
    List<String> lines = new ArrayList<>(List.of("model,signature,number"));
    for (int i = 0; i < MODELS; i++) {
      if (i % 100 == 50) {
        lines.add(",,bad");
        continue;
      }
      boolean broken = i == BROKEN;
      Path model = folder.resolve(String.format(Locale.ROOT, "models/m%03d", i));
      Files.createDirectories(model);
      String file = broken ? "weights" + FaultyFileSystem.BROKEN_ONCE : "weights";
      Files.write(model.resolve(file), new byte[broken ? 20 * FaultyFileSystem.PIECE : 10]);
      lines.add((broken ? FaultyFileSystem.uri(model) : model) + "," + model + ".sig," + i);
    }
    Files.write(catalog, lines);
    FaultyFileSystem.breakWhen(
        "weights" + FaultyFileSystem.BROKEN_ONCE, () -> runs.hasCommitted(0));
  }

  @Test
  void sign_thatRestartsInTheMiddle_givesEachLineOneResult() throws Exception {
    runs.configuration.setString("restart-strategy.type", "fixed-delay");
    runs.configuration.setString("restart-strategy.fixed-delay.attempts", "1");
    runs.configuration.setString("restart-strategy.fixed-delay.delay", "100ms");

    List<ModelResult> results = runs.run(Operation.SIGN, source());

    assertThat(runs.history().getCheckpointStatsSnapshot().getCounts())
        .extracting(CheckpointStatsCounts::getNumberOfRestoredCheckpoints)
        .isEqualTo(1L);
    assertThat(results).hasSize(MODELS);
    for (int i = 0; i < MODELS; i++) {
      ModelResult result = results.get(i);
      boolean bad = i % 100 == 50;
      assertThat(result.getEntryId()).isEqualTo(i);
      assertThat(result.getLine()).isEqualTo(i + 2);
      assertThat(result.getLabels()).containsEntry("number", bad ? "bad" : Integer.toString(i));
      assertThat(result.getOutcome()).isEqualTo(bad ? Outcome.FAILED : Outcome.SIGNED);
      assertThat(result.getReason())
          .isEqualTo(bad ? FailureReason.BAD_CATALOG_ENTRY : FailureReason.NONE);
    }
  }

  @Test
  void sign_thatGoesOnOverAChangedCatalog_breaksAndSignsNothingOfIt() throws Exception {
    runs.configuration.setString(
        "execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
    CatalogSource source = source();
    assertThatThrownBy(() -> runs.run(Operation.SIGN, source))
        .isInstanceOf(JobExecutionException.class);
    List<String> lines = Files.readAllLines(catalog);
    Path other = Files.createDirectories(folder.resolve("models/other"));
    Files.write(other.resolve("weights"), new byte[10]);
    lines.set(lines.size() - 1, other + "," + other + ".sig,other");
    Files.write(catalog, lines);

    runs.configuration.setString("execution.state-recovery.path", retainedCheckpoint());
    assertThatThrownBy(() -> runs.resume(Operation.SIGN, source))
        .hasRootCauseInstanceOf(CatalogException.class)
        .rootCause()
        .hasMessageContaining("changed since the run was started");
    assertThatThrownBy(() -> runs.resume(Operation.SIGN, source()))
        .rootCause()
        .hasMessageStartingWith("The state to resume from is of a run over other models.");
    assertThat(TestRuns.bundleBeside(other)).doesNotExist();
  }

  @Test
  void sign_thatGoesOnOverOtherArguments_breaksAndSignsNothingOfThem() throws Exception {
    runs.configuration.setString(
        "execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
    runs.command = Map.of("the command", "sign key");
    List<Path> models = new ArrayList<>();
    for (int i = 600; i < MODELS; i++) {
      models.add(folder.resolve(String.format(Locale.ROOT, "models/m%03d", i)));
    }
    models.removeIf(model -> !Files.exists(model));
    assertThatThrownBy(
            () -> runs.run(Operation.SIGN, runs.faultyEntries(models.toArray(Path[]::new))))
        .isInstanceOf(JobExecutionException.class);
    Path other = Files.createDirectories(folder.resolve("models/other"));
    Files.write(other.resolve("weights"), new byte[10]);
    models.set(0, other);

    Path checkpoint = Path.of(URI.create(retainedCheckpoint()));
    assertThatThrownBy(
            () ->
                runs.resumeFrom(
                    checkpoint, Operation.SIGN, runs.faultyEntries(models.toArray(Path[]::new))))
        .hasRootCauseInstanceOf(CatalogException.class)
        .rootCause()
        .hasMessageStartingWith("The state to resume from is of a run over other models.");
    runs.command = Map.of("the command", "verify key");
    assertThatThrownBy(
            () ->
                runs.resumeFrom(
                    checkpoint, Operation.SIGN, runs.faultyEntries(models.toArray(Path[]::new))))
        .rootCause()
        .hasMessageStartingWith(
            "The checkpoint to resume from is of another command. It differs in the command (was"
                + " 'sign key', now 'verify key').");
    assertThat(TestRuns.bundleBeside(other)).doesNotExist();
  }

  private CatalogSource source() throws CatalogException {
    return CatalogFile.check(
        catalog.toString(),
        new EntryRules(
            BundleTemplate.standard(),
            List.of(folder.resolve("models").toString()),
            List.of(),
            EntryRules.Ignores.ALLOWED),
        List.of());
  }

  private String retainedCheckpoint() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("checkpoints"))) {
      return files
          .filter(file -> file.endsWith("_metadata"))
          .findFirst()
          .orElseThrow()
          .getParent()
          .toUri()
          .toString();
    }
  }
}
