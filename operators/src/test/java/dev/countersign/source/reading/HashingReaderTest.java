package dev.countersign.source.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.hashing.KernelChoice;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.TestFileSystem;
import dev.countersign.source.ledger.Plans;
import dev.countersign.source.signals.EnumeratorEvent;
import dev.countersign.source.signals.ProcessIdentity;
import dev.countersign.source.signals.ReaderEvent;
import dev.countersign.source.signals.ReaderEvent.EndedModel;
import dev.countersign.source.signals.RunSignals;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.UnitId;
import dev.countersign.source.units.WorkUnits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.testutils.source.reader.TestingReaderContext;
import org.apache.flink.connector.testutils.source.reader.TestingReaderOutput;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class HashingReaderTest {

  @TempDir Path folder;

  private final SourceReaderMetricGroup metrics =
      InternalSourceReaderMetricGroup.wrap(
          UnregisteredMetricGroups.createUnregisteredOperatorMetricGroup());
  private final TestingReaderContext context =
      new TestingReaderContext(new Configuration(), metrics);
  private final TestingReaderOutput<UnitRecord> output = new TestingReaderOutput<>();
  private final HashingReader reader =
      new HashingReader(
          context,
          "run-of-reader",
          new ReadSettings(2, 16, 1 << 16, Duration.ofMinutes(5), false, KernelChoice.JDK),
          100);

  @BeforeEach
  void register() {
    TestFileSystem.register();
  }

  @AfterEach
  void close() {
    reader.close();
    TestFileSystem.unregister();
  }

  @Test
  void start_announcesItsProcessAndAsksForAsManyUnitsAsItHasLanesAndOneMore() {
    reader.start();

    assertThat(context.getSentEvents()).containsExactly(started());
    assertThat(context.getNumSplitRequests()).as("each a line in the job manager's log").isZero();
  }

  @Test
  void machine_ofAName_isThatAndItsAddressesAsAStoreHasThem() {
    assertThat(HashingReader.machine("LocalHost.")).startsWith("localhost").contains("127.0.0.1");
    assertThat(HashingReader.machine("10.1.2.3")).containsExactly("10.1.2.3");
    assertThat(HashingReader.machine("::1")).contains("0:0:0:0:0:0:0:1");
    assertThat(HashingReader.machine("no such host")).containsExactly("no such host");
  }

  @Test
  void pollNext_ofAUnitThatBreaksTheProcess_givesTheProcessAnotherIdentity() throws Exception {
    ModelSplit split = split(4, TestFileSystem.FATAL);
    String before = ProcessIdentity.current();
    reader.addSplits(List.of(split));

    assertThatThrownBy(
            () -> {
              while (true) {
                reader.isAvailable().get(60, TimeUnit.SECONDS);
                reader.pollNext(output);
              }
            })
        .hasMessageContaining("A lane failed on unit");

    assertThat(ProcessIdentity.current()).isNotEqualTo(before);
    assertThat(reader.snapshotState(1).get(0).process()).isEqualTo(before);
  }

  @Test
  void pollNext_withoutWork_isNotAvailableAndDoesNotWait() {
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.NOTHING_AVAILABLE);
    assertThat(reader.isAvailable()).isNotDone();
  }

  @Test
  void pollNext_ofAUnitThatIsDone_emitsItAndAnswersInOneMessage() throws Exception {
    reader.addSplits(List.of(split(4, "file")));

    poll();

    assertThat(output.getEmittedRecords()).hasSize(1);
    assertThat(output.getEmittedRecords().get(0).getDigests()).hasSize(1);
    assertThat(context.getSentEvents())
        .containsExactly(new ReaderEvent.Finished(new UnitId(4, 1, 0), 33));
    assertThat(context.getNumSplitRequests()).isZero();
    assertThat(metrics.getIOMetricGroup().getNumBytesInCounter().getCount())
        .isEqualTo(output.getEmittedRecords().get(0).getBytes())
        .isPositive();
    assertThat(metrics.getIOMetricGroup().getNumRecordsInCounter().getCount()).isEqualTo(1);
    assertThat(reader.snapshotState(1)).isEmpty();
  }

  @Test
  void pollNext_ofAUnitOnALocalDisk_asksForOneMore() throws Exception {
    ModelSplit split = split(4, "file");
    split.unit().getHeader().setModel(folder.toString());
    reader.addSplits(List.of(split));

    poll();

    assertThat(units()).containsExactly(1);
  }

  @Test
  void pollNext_ofSmallFilesInARemoteStore_asksForTwiceAsManyAsAreReadAtOnce() throws Exception {
    ModelSplit split = split(1, "file0");
    for (int i = 1; i < 4; i++) {
      split.unit().getRanges().addAll(split(1, "file" + i).unit().getRanges());
    }
    reader.addSplits(List.of(split));
    poll();

    // 32 files are 8 such units; two of the three that were asked for at first have not come.
    assertThat(units()).containsExactly(3 + 8 - 2);
  }

  @Test
  void pollNext_afterSmallFilesInARemoteStore_asksForLessAgain() throws Exception {
    reader.addSplits(List.of(split(1, "file")));
    poll();
    for (int i = 2; i < 40; i++) {
      ModelSplit local = split(i, "file" + i);
      local.unit().getHeader().setModel(folder.toString());
      reader.addSplits(List.of(local));
      poll();
    }

    // The 32 beyond the 3 of a reader of large files come, and no others for them.
    assertThat(units().subList(1, 33)).containsOnly(0);
    assertThat(units().subList(33, 39)).containsOnly(1);
  }

  private List<Integer> units() {
    return context.getSentEvents().stream()
        .filter(ReaderEvent.UnitAnswer.class::isInstance)
        .map(answer -> ((ReaderEvent.UnitAnswer) answer).units())
        .toList();
  }

  @Test
  void pollNext_ofAUnitThatFails_emitsNothingAndSaysWhy() throws Exception {
    ModelSplit split = split(4, "file");
    Files.delete(folder.resolve("file"));

    reader.addSplits(List.of(split));
    poll();

    assertThat(output.getEmittedRecords()).isEmpty();
    assertThat(context.getSentEvents())
        .singleElement()
        .isInstanceOfSatisfying(
            ReaderEvent.Failed.class,
            failed -> {
              assertThat(failed.id().entryId()).isEqualTo(4);
              assertThat(failed.reason()).isEqualTo(FailureReason.CHANGED_WHILE_READ);
              assertThat(failed.message()).contains("file");
            });
  }

  @Test
  void snapshotState_ofAUnitThatFailed_keepsItUntilTheEnumeratorHasTakenTheAnswer()
      throws Exception {
    ModelSplit split = split(4, "file");
    Files.delete(folder.resolve("file"));
    reader.addSplits(List.of(split));
    poll();
    reader.notifyNoMoreSplits();

    List<ModelSplit> before = reader.snapshotState(1);
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.MORE_AVAILABLE);
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.NOTHING_AVAILABLE);
    reader.handleSourceEvents(new EnumeratorEvent.AnswerTaken(new UnitId(4, 1, 0)));

    assertThat(before).containsExactly(split);
    assertThat(reader.isAvailable()).isDone();
    assertThat(reader.snapshotState(2)).isEmpty();
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.MORE_AVAILABLE);
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.END_OF_INPUT);
  }

  @Test
  void snapshotState_whileAUnitIsRead_keepsItsIdentityOnly() throws Exception {
    ModelSplit split = split(4, TestFileSystem.STALLS);
    reader.addSplits(List.of(split));
    TestFileSystem.awaitStall();

    List<ModelSplit> state = reader.snapshotState(1);

    assertThat(state).containsExactly(split);
    assertThat(state.get(0).unit().getRanges()).isEmpty();
    assertThat(state.get(0).process()).isEqualTo(ProcessIdentity.current());
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.MORE_AVAILABLE);
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.NOTHING_AVAILABLE);
    TestFileSystem.release();
    poll();
    assertThat(reader.snapshotState(2)).isEmpty();
    assertThat(output.getEmittedRecords()).hasSize(1);
  }

  @Test
  void pollNext_afterASnapshot_tellsThatTheBarrierIsPassed() {
    reader.snapshotState(7);
    assertThat(context.getSentEvents()).isEmpty();
    assertThat(reader.isAvailable()).isDone();

    InputStatus status = reader.pollNext(output);

    assertThat(status).isEqualTo(InputStatus.MORE_AVAILABLE);
    assertThat(context.getSentEvents()).containsExactly(new ReaderEvent.PassedBarrier(7));
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.NOTHING_AVAILABLE);
    assertThat(reader.isAvailable()).isNotDone();
  }

  @Test
  void snapshotState_ofAUnitThatIsDoneAndNotEmitted_stillKeepsIt() throws Exception {
    ModelSplit split = split(4, "file");
    reader.addSplits(List.of(split));
    reader.isAvailable().get(60, TimeUnit.SECONDS);

    assertThat(reader.snapshotState(1)).containsExactly(split);
  }

  @Test
  void notifyNoMoreSplits_withUnitsInHand_endsOnlyAfterThem() throws Exception {
    reader.addSplits(List.of(split(4, TestFileSystem.STALLS)));
    TestFileSystem.awaitStall();

    reader.notifyNoMoreSplits();
    InputStatus before = reader.pollNext(output);
    TestFileSystem.release();
    poll();

    assertThat(before).isEqualTo(InputStatus.NOTHING_AVAILABLE);
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.END_OF_INPUT);
    assertThat(output.getEmittedRecords()).hasSize(1);
  }

  @Test
  void notifyNoMoreSplits_whileIdle_wakesTheTask() {
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.NOTHING_AVAILABLE);

    reader.notifyNoMoreSplits();

    assertThat(reader.isAvailable()).isCompleted();
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.END_OF_INPUT);
  }

  @Test
  void handleSourceEvents_toCancelAModel_givesItsUnitBack() throws Exception {
    reader.addSplits(List.of(split(4, TestFileSystem.STALLS)));
    TestFileSystem.awaitStall();

    reader.handleSourceEvents(new EnumeratorEvent.CancelModel(4, 1));
    TestFileSystem.release();
    poll();

    assertThat(output.getEmittedRecords()).isEmpty();
    assertThat(context.getSentEvents())
        .containsExactly(new ReaderEvent.GivenBack(new UnitId(4, 1, 0), 33));
    assertThat(reader.snapshotState(1)).hasSize(1);
    reader.handleSourceEvents(new EnumeratorEvent.AnswerTaken(new UnitId(4, 1, 0)));
    assertThat(reader.snapshotState(2)).isEmpty();
  }

  @Test
  void pollNext_afterTooManyFailed_tellsTheEnumeratorOnce() throws Exception {
    reader.start();
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.NOTHING_AVAILABLE);

    RunSignals.endEarly("another-run");
    boolean wokenByAnother = reader.isAvailable().isDone();
    RunSignals.endEarly("run-of-reader");
    reader.isAvailable().get(60, TimeUnit.SECONDS);
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.MORE_AVAILABLE);
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.NOTHING_AVAILABLE);

    assertThat(wokenByAnother).isFalse();
    assertThat(context.getSentEvents()).containsExactly(started(), new ReaderEvent.EndEarly());
    RunSignals.end("another-run");
    RunSignals.end("run-of-reader");
  }

  @Test
  void pollNext_afterModelsOfAWatchEnded_tellsTheEnumeratorOfEach() throws Exception {
    RunSignals.begin("run-of-reader");
    RunSignals.tell("run-of-reader", new EndedModel(3, "/early", true));
    reader.start();
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.MORE_AVAILABLE);
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.NOTHING_AVAILABLE);

    RunSignals.tell("another-run", new EndedModel(4, "/other", true));
    boolean wokenByAnother = reader.isAvailable().isDone();
    RunSignals.tell("run-of-reader", new EndedModel(5, "/late", true));
    reader.isAvailable().get(60, TimeUnit.SECONDS);
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.MORE_AVAILABLE);
    assertThat(reader.pollNext(output)).isEqualTo(InputStatus.NOTHING_AVAILABLE);

    assertThat(wokenByAnother).isFalse();
    assertThat(context.getSentEvents())
        .containsExactly(
            started(), new EndedModel(3, "/early", true), new EndedModel(5, "/late", true));
    RunSignals.end("run-of-reader");
    RunSignals.end("another-run");
  }

  @Test
  void addSplits_ofAVerdict_emitsItWithoutReading() throws Exception {
    reader.addSplits(
        List.of(new ModelSplit(WorkUnits.verdict(Plans.header(4), 0, Plans.failing(4).verdict()))));

    poll();

    assertThat(output.getEmittedRecords().get(0).getVerdict().getReason())
        .isEqualTo(FailureReason.EMPTY_MODEL);
  }

  /** Waits for an outcome and takes it. */
  private void poll() throws Exception {
    int told = context.getSentEvents().size();
    reader.isAvailable().get(60, TimeUnit.SECONDS);
    InputStatus status = reader.pollNext(output);
    if (context.getSentEvents().size() == told) {
      // Available for another reason, such as a wake-up.
      assertThat(status).isEqualTo(InputStatus.NOTHING_AVAILABLE);
      poll();
    }
  }

  private ModelSplit split(long entryId, String name) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "7 bytes");
    WorkUnit unit = WorkUnits.empty(Plans.header(entryId), 0, 1);
    unit.getHeader().setModel(TestFileSystem.uri(folder));
    unit.getRanges().add(TestFileSystem.range(file));
    return new ModelSplit(unit);
  }

  private static ReaderEvent.Started started() {
    return new ReaderEvent.Started(
        ProcessIdentity.current(), 3, HashingReader.machine("localhost"));
  }
}
