package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.hashing.HashKernels;
import dev.countersign.hashing.HashState;
import dev.countersign.hashing.KernelChoice;
import dev.countersign.jobs.Checkpoints;
import dev.countersign.listings.ListingFiles;
import dev.countersign.listings.ReuseRule;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.source.planning.PlanSettings;
import dev.countersign.source.reading.ReadSettings;
import dev.countersign.source.units.WindowSettings;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.apache.flink.runtime.checkpoint.CheckpointStatsCounts;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files under BLAKE3 that several units hash, on an embedded cluster. */
@Timeout(300)
final class LargeFilesITCase {

  /** Bytes of a unit, and so of a subtree. */
  private static final int UNIT = 2 * FaultyFileSystem.PIECE;

  @TempDir Path folder;

  private TestRuns runs;

  @BeforeEach
  void makeRuns() throws IOException {
    runs = new TestRuns(folder);
    runs.serialization = Serialization.files(HashAlgorithm.BLAKE3);
    runs.window = new WindowSettings(10, 1 << 20, 2, UNIT, 4_096, 1 << 20);
  }

  @Test
  void sign_ofALargeFileOverSeveralSlots_statesTheDigestOfTheWholeFile() throws Exception {
    byte[] content = content(50 * UNIT + 12_345);
    Path model = model("model", "weights.bin", content);
    Files.createFile(model.resolve("empty"));
    Files.write(model.resolve("one"), content(UNIT));
    runs.slots = 4;

    ModelResult signed = runs.sign(model).get(0);

    assertThat(signed.getOutcome()).isEqualTo(Outcome.SIGNED);
    assertThat(signed.getBytes()).isEqualTo(51L * UNIT + 12_345);
    assertThat(signed.getFiles()).isEqualTo(3);
    assertThat(statement(model.resolve("model.sig")))
        .contains(blake3(content), blake3(new byte[0]), blake3(content(UNIT)));
    assertThat(runs.units()).as("units, one of them with the two small ends").isEqualTo(52);
    assertThat(runs.verify(model).get(0).getOutcome()).isEqualTo(Outcome.VERIFIED);
    runs.window = WindowSettings.defaults();
    assertThat(runs.digest(model).get(0).getRootDigest()).isEqualTo(signed.getRootDigest());
  }

  @Test
  void verify_ofALargeFileWithOneOtherByte_namesTheFile() throws Exception {
    Path model = model("model", "weights.bin", content(20 * UNIT));
    String before = blake3(content(20 * UNIT));
    runs.sign(model);
    try (RandomAccessFile file =
        new RandomAccessFile(model.resolve("weights.bin").toString(), "rw")) {
      file.seek(7L * UNIT + 5);
      int old = file.read();
      file.seek(7L * UNIT + 5);
      file.write(old + 1);
    }

    ModelResult verified = runs.verify(model).get(0);

    assertThat(verified.getReason()).isEqualTo(FailureReason.CONTENT_MISMATCH);
    assertThat(verified.getChanged()).isEqualTo(1);
    assertThat(verified.getDifferences())
        .extracting(Difference::getName, Difference::getExpected)
        .containsExactly(tuple("weights.bin", before));
  }

  @Test
  void resign_fromAndToBlake3_statesTheSameDigests() throws Exception {
    byte[] content = content(10 * UNIT + 1);
    Path model = model("model", "weights.bin", content);
    runs.sign(model);
    TestRuns again = new TestRuns(Files.createDirectory(folder.resolve("again")));
    again.window = runs.window;
    again.serialization = runs.serialization;

    ModelResult kept = again.resign(runs, model).get(0);
    long units = again.units();
    again.changes = new TestRuns.Changes(HashAlgorithm.SHA256, SerializationMethod.SHARDS, UNIT);
    ModelResult recut = again.resign(again, model).get(0);

    assertThat(kept.getOutcome()).isEqualTo(Outcome.SIGNED);
    assertThat(units).isEqualTo(11);
    assertThat(recut.getOutcome()).isEqualTo(Outcome.SIGNED);
  }

  @Test
  void digest_sinceARunThatListedALargeFile_readsNothing() throws Exception {
    Path model = model("model", "weights.bin", content(10 * UNIT + 1));
    Thread.sleep(ReuseRule.SETTLED_MILLIS + 500);
    runs.incremental = new PlanSettings.Incremental(List.of(), true);
    ModelResult read = runs.digest(model).get(0);
    String listings = ListingFiles.folderIn(runs.results().toUri().toString());

    runs.incremental = new PlanSettings.Incremental(ListingFiles.before("test-9", listings), false);
    ModelResult reused = runs.digest(model).get(0);

    assertThat(read.getBytes()).isEqualTo(10 * UNIT + 1);
    assertThat(reused.getBytes()).isZero();
    assertThat(reused.getReused()).isTrue();
    assertThat(reused.getRootDigest()).isEqualTo(read.getRootDigest());
  }

  /**
   * The other model breaks its task when half of the subtrees are done and a checkpoint has them.
   */
  @Test
  void sign_thatRestartsInTheMiddleOfAFile_readsOnlyUnfinishedSubtreesAgain() throws Exception {
    int subtrees = 24;
    byte[] content = content(subtrees * UNIT - 1);
    String breaker = "breaker" + FaultyFileSystem.BROKEN_ONCE;
    Path breaking = model("breaking", breaker, content(UNIT));
    Path model = model("model", "weights" + FaultyFileSystem.SLOW, content);
    Path file = model.resolve("weights" + FaultyFileSystem.SLOW);
    runs.slots = 1;
    runs.read = new ReadSettings(1, 3, 1 << 20, Duration.ofMinutes(1), false, KernelChoice.JDK);
    runs.configuration.setString("execution.checkpointing.interval", "200ms");
    runs.configuration.setString("restart-strategy.type", "fixed-delay");
    runs.configuration.setString("restart-strategy.fixed-delay.attempts", "1");
    runs.configuration.setString("restart-strategy.fixed-delay.delay", "100ms");
    int[] checkpointAtHalf = {-1};
    int[] opensBefore = {0};
    FaultyFileSystem.breakWhen(
        breaker,
        () -> {
          int checkpoint = Checkpoints.newest(folder.resolve("checkpoints"));
          if (checkpointAtHalf[0] < 0 && FaultyFileSystem.opens(file) > subtrees / 2) {
            checkpointAtHalf[0] = checkpoint;
          }
          opensBefore[0] = FaultyFileSystem.opens(file);
          // The next one may have begun before.
          return checkpointAtHalf[0] >= 0 && checkpoint >= checkpointAtHalf[0] + 2;
        });
    List<CatalogEntry> entries = runs.faultyEntries(breaking, model);

    List<ModelResult> signed = runs.run(Operation.SIGN, entries);

    assertThat(runs.history().getCheckpointStatsSnapshot().getCounts())
        .extracting(CheckpointStatsCounts::getNumberOfRestoredCheckpoints)
        .isEqualTo(1L);
    assertThat(signed).extracting(ModelResult::getOutcome).containsOnly(Outcome.SIGNED);
    assertThat(signed.get(1).getBytes()).isEqualTo(content.length);
    assertThat(statement(TestRuns.bundleBeside(model))).contains(blake3(content));
    assertThat(opensBefore[0]).as("subtrees opened before").isBetween(subtrees / 2, subtrees);
    // Those that were done at half are in a checkpoint.
    assertThat(FaultyFileSystem.opens(file))
        .as("subtrees opened in all, %d of them before", opensBefore[0])
        .isLessThanOrEqualTo(subtrees + opensBefore[0] - subtrees / 2 + 3);
  }

  private Path model(String name, String file, byte[] content) throws IOException {
    Path model = Files.createDirectories(folder.resolve("models").resolve(name));
    Files.write(model.resolve(file), content);
    return model;
  }

  private static String statement(Path bundle) throws IOException {
    String payload = TestRuns.payload(bundle);
    String encoded = payload.substring("\"payload\":\"".length());
    return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
  }

  private static String blake3(byte[] content) {
    HashState state = HashKernels.of(KernelChoice.PORTABLE).forAlgorithm("blake3").newState();
    state.update(content, 0, content.length);
    return HexFormat.of().formatHex(state.digest());
  }

  private static byte[] content(int length) {
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    return content;
  }
}
