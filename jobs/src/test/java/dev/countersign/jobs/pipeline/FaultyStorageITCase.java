package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.countersign.hashing.KernelChoice;
import dev.countersign.outcome.FailureLimit;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.source.reading.ReadSettings;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.storage.TemporaryNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.runtime.checkpoint.AbstractCheckpointStats;
import org.apache.flink.runtime.checkpoint.CheckpointStatsCounts;
import org.apache.flink.runtime.checkpoint.CheckpointStatsStatus;
import org.apache.flink.runtime.client.JobExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an embedded run does when storage is slow, hangs, changes or breaks. */
@Timeout(300)
final class FaultyStorageITCase {

  private static final String BROKEN = "weights" + FaultyFileSystem.BROKEN_ONCE;

  @TempDir Path folder;

  private TestRuns runs;

  @BeforeEach
  void makeKeys() throws IOException {
    runs = new TestRuns(folder);
  }

  @Test
  void checkpoints_duringAUnitLongerThanTheirTimeout_complete() throws Exception {
    Path model = model("long", "weights" + FaultyFileSystem.SLOW, 120 * FaultyFileSystem.PIECE);
    runs.configuration.setString("execution.checkpointing.interval", "500ms");
    runs.configuration.setString("execution.checkpointing.timeout", "10s");
    runs.configuration.setString("web.checkpoints.history", "100");

    ModelResult signed = runs.run(Operation.SIGN, runs.faultyEntries(model)).get(0);

    List<CheckpointStatsStatus> meanwhile =
        runs.history().getCheckpointStatsSnapshot().getHistory().getCheckpoints().stream()
            .filter(
                checkpoint ->
                    checkpoint.getTriggerTimestamp() < signed.getFinished().toEpochMilli())
            .map(AbstractCheckpointStats::getStatus)
            .toList();
    assertThat(Duration.between(signed.getStarted(), signed.getFinished()))
        .isGreaterThan(Duration.ofSeconds(12));
    assertThat(meanwhile)
        .hasSizeGreaterThanOrEqualTo(6)
        .containsOnly(CheckpointStatsStatus.COMPLETED);
    assertThat(signed.getOutcome()).isEqualTo(Outcome.SIGNED);
    assertThat(signed.getRootDigest()).isEqualTo(runs.digest(model).get(0).getRootDigest());
  }

  @Test
  void sign_ofFilesThatBringNoByte_failsTheirModelsAlone() throws Exception {
    Path small = model("small", "weights" + FaultyFileSystem.STALLED, 10);
    Path large = model("large", "weights" + FaultyFileSystem.STALLED, 5 << 20);
    Path slow = model("slow", "weights" + FaultyFileSystem.SLOW, 50 * FaultyFileSystem.PIECE);
    Path good = model("good", "weights", 10);
    runs.read = new ReadSettings(2, 16, 1 << 20, Duration.ofSeconds(4), false, KernelChoice.JDK);
    runs.faults = runs.faults.with(1, FailureLimit.NONE);

    List<ModelResult> results =
        runs.run(Operation.SIGN, runs.faultyEntries(small, large, slow, good));

    assertThat(results)
        .extracting(ModelResult::getReason)
        .containsExactly(
            FailureReason.STALLED, FailureReason.STALLED, FailureReason.NONE, FailureReason.NONE);
    assertThat(results.get(0).getMessage())
        .contains(small.toString())
        .contains("no byte for 4 s")
        .contains("Tried 2 times.")
        .contains("--stall-timeout");
    assertThat(TestRuns.bundleBeside(small)).doesNotExist();
  }

  @Test
  void sign_ofFilesThatChangeOnceWhileRead_readsTheirModelsAgain() throws Exception {
    int bytes = 20 * FaultyFileSystem.PIECE;
    Path grows = model("grows", "growing" + FaultyFileSystem.SLOW, bytes);
    Path shrinks = model("shrinks", "shrinking" + FaultyFileSystem.SLOW, bytes);
    Path stays = model("stays", "staying" + FaultyFileSystem.SLOW, bytes);
    CompletableFuture<Void> changes =
        CompletableFuture.allOf(
            changeWhileReading(grows.resolve("growing" + FaultyFileSystem.SLOW), bytes + 1),
            changeWhileReading(shrinks.resolve("shrinking" + FaultyFileSystem.SLOW), bytes / 2));

    List<ModelResult> results = runs.run(Operation.SIGN, runs.faultyEntries(grows, shrinks, stays));

    changes.join();
    assertThat(results)
        .extracting(ModelResult::getReason, ModelResult::getAttempt)
        .containsExactly(
            tuple(FailureReason.NONE, 2),
            tuple(FailureReason.NONE, 2),
            tuple(FailureReason.NONE, 1));
    List<ModelResult> digests = runs.run(Operation.DIGEST, runs.plainEntries(grows, shrinks));
    assertThat(results.get(0).getRootDigest()).isEqualTo(digests.get(0).getRootDigest());
    assertThat(results.get(1).getRootDigest()).isEqualTo(digests.get(1).getRootDigest());
  }

  @Test
  void sign_thatRestartsInTheMiddle_givesEachModelOneResult() throws Exception {
    Path[] models = {
      model("early-1", "weights", 8 << 20),
      model("early-2", "weights", 4 << 20),
      model("broken", BROKEN, 40 * FaultyFileSystem.PIECE),
      model("under-way", "weights" + FaultyFileSystem.SLOW, 30 * FaultyFileSystem.PIECE),
      model("parts", "1" + FaultyFileSystem.SLOW, 10 * FaultyFileSystem.PIECE)
    };
    for (int part = 2; part <= 9; part++) {
      write(models[4].resolve(part + FaultyFileSystem.SLOW), 10 * FaultyFileSystem.PIECE);
    }
    runs.window = new WindowSettings(10, 1 << 20, 2, 1, 4096, 1 << 20);
    runs.configuration.setString("execution.checkpointing.interval", "300ms");
    FaultyFileSystem.breakWhen(BROKEN, () -> runs.hasCommitted(0));
    runs.configuration.setString("restart-strategy.type", "fixed-delay");
    runs.configuration.setString("restart-strategy.fixed-delay.attempts", "1");
    runs.configuration.setString("restart-strategy.fixed-delay.delay", "100ms");

    List<ModelResult> signed = runs.run(Operation.SIGN, runs.faultyEntries(models));

    Instant restart = Instant.ofEpochMilli(runs.history().getStatusTimestamp(JobStatus.RESTARTING));
    assertThat(runs.history().getCheckpointStatsSnapshot().getCounts())
        .extracting(CheckpointStatsCounts::getNumberOfRestoredCheckpoints)
        .isEqualTo(1L);
    assertThat(signed.get(0).getFinished()).isBefore(restart);
    assertThat(signed.get(2).getFinished()).isAfter(restart);
    assertThat(signed).hasSize(models.length);
    assertThat(signed).extracting(ModelResult::getOutcome).containsOnly(Outcome.SIGNED);
    assertThat(signed)
        .usingRecursiveFieldByFieldElementComparatorOnFields(
            "entryId", "rootDigest", "bytes", "files")
        .isEqualTo(runs.digest(models));
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void sign_thatGoesOnFromARetainedCheckpoint_givesEachModelOneResult() throws Exception {
    Path[] models = {
      model("early", "weights", 8 << 20),
      model("broken", BROKEN, 40 * FaultyFileSystem.PIECE),
      model("under-way", "weights" + FaultyFileSystem.SLOW, 30 * FaultyFileSystem.PIECE),
      model("parts", "1" + FaultyFileSystem.SLOW, 20 * FaultyFileSystem.PIECE)
    };
    write(models[3].resolve("2" + FaultyFileSystem.SLOW), 10 * FaultyFileSystem.PIECE);
    write(models[3].resolve("3"), 5 << 20);
    runs.window = new WindowSettings(10, 1 << 20, 2, 1, 4_096, 1 << 20);
    runs.configuration.setString("execution.checkpointing.interval", "300ms");
    FaultyFileSystem.breakWhen(BROKEN, () -> runs.hasCommitted(0));
    runs.configuration.setString(
        "execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");

    assertThatThrownBy(() -> runs.run(Operation.SIGN, runs.faultyEntries(models)))
        .isInstanceOf(JobExecutionException.class);
    runs.configuration.setString("execution.state-recovery.path", retainedCheckpoint());
    Instant goneOn = Instant.now();
    List<ModelResult> signed = runs.resume(Operation.SIGN, runs.faultyEntries(models));

    assertThat(signed).extracting(ModelResult::getOutcome).containsOnly(Outcome.SIGNED);
    assertThat(signed.get(0).getFinished())
        .as("the early model was done before the job failed and not done again")
        .isBefore(goneOn);
    assertThat(signed.get(1).getFinished()).isAfter(goneOn);
    runs.configuration.removeKey("execution.state-recovery.path");
    assertThat(signed)
        .usingRecursiveFieldByFieldElementComparatorOnFields(
            "entryId", "rootDigest", "bytes", "files")
        .isEqualTo(runs.digest(models));
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

  private static CompletableFuture<Void> changeWhileReading(Path file, long length) {
    return FaultyFileSystem.whileReading(file.getFileName().toString(), () -> change(file, length));
  }

  /** Cuts a file or adds to it. */
  private static void change(Path file, long length) {
    try {
      long now = Files.size(file);
      if (length > now) {
        Files.write(file, new byte[(int) (length - now)], StandardOpenOption.APPEND);
      } else {
        try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
          channel.truncate(length);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Temporary files that a bundle was written to first. */
  private List<Path> leftovers() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("models"))) {
      return files.filter(file -> TemporaryNames.isTemporary(file.toString())).toList();
    }
  }

  private Path model(String name, String file, int bytes) throws IOException {
    Path model = Files.createDirectories(folder.resolve("models").resolve(name));
    write(model.resolve(file), bytes);
    return model;
  }

  private static void write(Path file, int bytes) throws IOException {
    byte[] content = new byte[bytes];
    new Random(file.hashCode()).nextBytes(content);
    Files.write(file, content);
  }
}
