package dev.countersign.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.keys.KeyPairFiles;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.Sha256;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCause;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.sink.BundleWriter;
import dev.countersign.source.TestFileSystem;
import dev.countersign.source.planning.ExistingBundle;
import dev.countersign.source.pool.AnotherJob;
import dev.countersign.verification.KeyVerifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a stage does while storage hangs. */
@Timeout(120)
final class HangingStageTest {

  private static final Duration STALL = Duration.ofSeconds(1);

  private static final Duration NEVER = Duration.ofMinutes(5);

  @TempDir Path folder;

  private final KeyPair pair = KeyPairFiles.generate("P-256");
  private Path key;

  @BeforeEach
  void setUp() throws IOException {
    key = folder.resolve("test.key");
    Files.write(key, KeyPairFiles.privatePem(pair.getPrivate(), Optional.empty()));
    TestFileSystem.register();
  }

  @AfterEach
  void release() throws InterruptedException {
    TestFileSystem.release();
    awaitWrites();
    TestFileSystem.unregister();
  }

  @Test
  void checkpoint_whileAsManyWritesHangAsThereMayBe_waitsForTheStallTimeout() throws Exception {
    try (OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> harness = signing(STALL)) {
      long began = System.nanoTime();
      for (int i = 0; i <= ModelStage.IN_PROGRESS; i++) {
        harness.processElement(model(TestFileSystem.NEVER_CREATES, i), 0);
      }
      Duration waited = Duration.ofNanos(System.nanoTime() - began);

      OperatorSubtaskState unused = harness.snapshot(1, 1);

      assertThat(waited).isBetween(STALL, STALL.multipliedBy(45));
      assertThat(harness.extractOutputValues())
          .isNotEmpty()
          .allSatisfy(
              result -> {
                assertThat(result.getReason()).isEqualTo(FailureReason.STALLED);
                assertThat(result.getMessage()).contains("brought nothing for 1 s");
              });
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        TestFileSystem.NEVER_CREATES,
        TestFileSystem.NEVER_WRITES,
        TestFileSystem.NEVER_RENAMES
      })
  void model_whoseWriteHangsAtACheckpoint_isSignedWholeAfterARestore(String place)
      throws Exception {
    OperatorSubtaskState checkpoint;
    try (OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> first = signing(NEVER)) {
      first.processElement(model(place, 0), 0);
      TestFileSystem.awaitStall();
      checkpoint = first.snapshot(1, 1);
      if (place.equals(TestFileSystem.NEVER_RENAMES)) {
        TestFileSystem.release();
      }
    }
    TestFileSystem.release();

    List<ModelResult> results;
    try (OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> second =
        StageHarness.of(stage(NEVER))) {
      second.initializeState(checkpoint);
      second.open();
      second.endInput();
      results = second.extractOutputValues();
    }

    assertThat(results).extracting(ModelResult::getOutcome).containsExactly(Outcome.SIGNED);
    assertThat(
            KeyVerifier.of(pair.getPublic(), OmsBounds.defaults())
                .verify(Files.readAllBytes(bundle(place, 0)))
                .manifest()
                .resources())
        .hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {TestFileSystem.NEVER_CREATES, TestFileSystem.NEVER_WRITES})
  void write_thatWasGivenUp_appearsNeverMore(String place) throws Exception {
    ModelResult result;
    try (OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> harness = signing(STALL)) {
      harness.processElement(model(place, 0), 0);
      harness.endInput();
      result = harness.extractOutputValues().get(0);

      TestFileSystem.release();
      awaitWrites();
    }

    assertThat(result.getReason()).isEqualTo(FailureReason.STALLED);
    assertThat(result.getMessage()).doesNotContain("may still appear");
    assertThat(bundle(place, 0)).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {TestFileSystem.NEVER_CREATES, TestFileSystem.NEVER_WRITES})
  void copyOfAReplacedBundle_whoseWriteWasGivenUp_appearsNeverMore(String place) throws Exception {
    AssembledModel model = model(place, 0);
    model.getHeader().setOperation(Operation.RESIGN);
    byte[] previous = {1};
    model.getHeader().setBundleSha256(Sha256.hex(previous));
    Files.write(bundle(place, 0), previous);

    List<ModelResult> results =
        StageHarness.run(
            StageHarness.stage(
                Operation.RESIGN, StageHarness.signing(key, ExistingBundle.REPLACE, null), STALL),
            List.of(model));
    TestFileSystem.release();
    awaitWrites();

    assertThat(results).extracting(ModelResult::getReason).containsExactly(FailureReason.STALLED);
    assertThat(folder.resolve(place)).isDirectoryNotContaining("glob:**countersign-replaced*");
    assertThat(bundle(place, 0)).hasBinaryContent(previous);
  }

  @Test
  void rename_thatHangs_isReportedAndKeepsOthersFromThatName() throws Exception {
    Path bundle = bundle(TestFileSystem.NEVER_RENAMES, 0);
    List<ModelResult> results;
    boolean appearedEarly;
    // The last of three writes is to be done in this time.
    Duration stall = Duration.ofSeconds(5);
    try (OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> harness = signing(stall)) {
      harness.processElement(model(TestFileSystem.NEVER_RENAMES, 0), 0);
      harness.endInput();
      harness.processElement(model(TestFileSystem.NEVER_RENAMES, 0), 0);
      harness.endInput();
      appearedEarly = Files.exists(bundle);
      TestFileSystem.release();
      awaitWrites();
      harness.processElement(model(TestFileSystem.NEVER_RENAMES, 0), 0);
      harness.endInput();
      results = harness.extractOutputValues();
    }

    assertThat(results)
        .extracting(ModelResult::getReason)
        .containsExactly(FailureReason.STALLED, FailureReason.STALLED, FailureReason.NONE);
    assertThat(results.get(0).getMessage())
        .contains("Renaming the new bundle", "longer than 5 s", "may still appear");
    assertThat(results.get(1).getMessage()).contains("An earlier bundle may still appear");
    assertThat(appearedEarly).isFalse();
    assertThat(bundle).isNotEmptyFile();
  }

  @Test
  void close_whileAWriteHangs_letsItAppearNeverMore() throws Exception {
    try (OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> harness = signing(NEVER)) {
      harness.processElement(model(TestFileSystem.NEVER_WRITES, 0), 0);
      TestFileSystem.awaitStall();
    }

    TestFileSystem.release();
    awaitWrites();

    assertThat(folder.resolve(TestFileSystem.NEVER_WRITES)).isEmptyDirectory();
  }

  @Test
  void listing_thatHangs_isGivenUp() throws Exception {
    List<ModelResult> results =
        StageHarness.run(StageHarness.stage(Operation.VERIFY, null, STALL), List.of(neverListed()));

    assertThat(results).extracting(ModelResult::getReason).containsExactly(FailureReason.STALLED);
    assertThat(results.get(0).getMessage()).contains("Listing ", " again", "'stall-timeout'");
  }

  @Test
  void models_thatNeedMoreMemoryThanThereIs_goOneAfterTheOther() throws Exception {
    long began = System.nanoTime();

    List<ModelResult> results =
        StageHarness.run(
            StageHarness.stage(Operation.VERIFY, null, STALL), List.of(large(), large(), large()));

    assertThat(results).extracting(ModelResult::getReason).containsOnly(FailureReason.STALLED);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(STALL.multipliedBy(3));
  }

  @Test
  void memory_ofAnotherJob_isTheSameAndGivenBackWhenAStageIsClosed() throws Exception {
    Semaphore memory;
    try (AnotherJob job = new AnotherJob()) {
      Class<?> there = job.loadClass(ModelStage.class.getName());
      assertThat(there).isNotSameAs(ModelStage.class);
      memory = (Semaphore) AnotherJob.field(there, null, "MEMORY");
    }
    int all = memory.availablePermits();

    int left;
    try (OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> harness =
        StageHarness.of(StageHarness.stage(Operation.VERIFY, null, NEVER))) {
      harness.open();
      harness.processElement(large(), 0);
      left = memory.availablePermits();
    }

    assertThat(all).as("KiB of all jobs").isPositive();
    assertThat(left).as("KiB while a model hangs that takes all").isZero();
    assertThat(memory.availablePermits()).isEqualTo(all);
  }

  /** A model whose differences alone take more than the share of any heap. */
  private AssembledModel large() throws Exception {
    AssembledModel model = neverListed();
    model.setDifferences(
        Collections.nCopies(
            1_000_000,
            new Difference(DifferenceKind.EXTRA, "x", "", "", "", DifferenceCause.NONE)));
    return model;
  }

  private AssembledModel neverListed() throws Exception {
    AssembledModel model = StageRecords.model(3, folder, "m.sig");
    Path hanging = Files.createDirectories(folder.resolve(TestFileSystem.NEVER_LISTS));
    model.getHeader().setModel(TestFileSystem.uri(hanging));
    return model;
  }

  private OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> signing(Duration stall)
      throws Exception {
    OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> harness =
        StageHarness.of(stage(stall));
    harness.open();
    return harness;
  }

  private ModelStage stage(Duration stall) {
    return StageHarness.stage(
        Operation.SIGN, StageHarness.signing(key, ExistingBundle.REPLACE, null), stall);
  }

  private Path bundle(String place, int entry) {
    return folder.resolve(place).resolve(entry + ".sig");
  }

  private AssembledModel model(String place, int entry) throws Exception {
    Files.createDirectories(folder.resolve(place));
    AssembledModel model = StageRecords.model(3, folder, "m.sig");
    model.getHeader().setEntryId((long) entry);
    model.getHeader().setBundle(TestFileSystem.uri(bundle(place, entry)));
    model.getHeader().getListing().setFolder(TestFileSystem.uri(folder.resolve(place)));
    return model;
  }

  /** Waits until nobody writes any more, whether or not somebody waits for it. */
  private static void awaitWrites() throws InterruptedException {
    while (Thread.getAllStackTraces().values().stream()
        .flatMap(Arrays::stream)
        .anyMatch(frame -> frame.getClassName().equals(BundleWriter.class.getName()))) {
      Thread.sleep(10);
    }
  }
}
