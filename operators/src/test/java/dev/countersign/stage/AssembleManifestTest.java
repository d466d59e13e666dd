package dev.countersign.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ListedRange;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.RangeDigest;
import dev.countersign.schemas.UnitRecord;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.AbstractList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.StateObject;
import org.apache.flink.runtime.state.storage.JobManagerCheckpointStorage;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class AssembleManifestTest {

  private KeyedOneInputStreamOperatorTestHarness<Long, UnitRecord, AssembledModel> harness;

  @BeforeEach
  void open() throws Exception {
    harness = newHarness();
    harness.open();
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
  }

  @Test
  void processElement_ofTheLastUnit_emitsTheModelWhateverTheOrder() throws Exception {
    for (int unit : new int[] {2, 0, 3}) {
      process(StageRecords.unit(1, 1, unit, 4));
    }
    boolean early = output().isEmpty();
    process(StageRecords.unit(1, 1, 1, 4));

    assertThat(early).isTrue();
    assertThat(output()).containsExactly(StageRecords.model(4));
    assertNoState();
  }

  @Test
  void processElement_ofUnitsInAnObjectStore_addsUpRequestsOfPlanningAndReading() throws Exception {
    for (int unit = 0; unit < 2; unit++) {
      UnitRecord record = StageRecords.unit(1, 1, unit, 2);
      record.getHeader().setRequests(Map.of("LIST", 1L, "GET", 1L));
      record.setRequests(Map.of("GET", 10L));
      process(record);
    }

    assertThat(output())
        .singleElement()
        .satisfies(
            model -> assertThat(model.getRequests()).isEqualTo(Map.of("LIST", 1L, "GET", 21L)));
  }

  @Test
  void processElement_ofOneUnit_touchesNoState() throws Exception {
    process(StageRecords.unit(1, 1, 0, 1));

    assertThat(output()).containsExactly(StageRecords.model(1));
    assertNoState();
  }

  @Test
  void processElement_ofAModelThatTakesAllMemory_failsItAlone() throws Exception {
    UnitRecord hungry = StageRecords.unit(1, 1, 1, 2);
    hungry.setDigests(
        new AbstractList<>() {
          @Override
          public RangeDigest get(int index) {
            throw new OutOfMemoryError("an array of a test's");
          }

          @Override
          public int size() {
            return 1;
          }
        });

    process(StageRecords.unit(1, 1, 0, 2));
    process(hungry);

    assertThat(output()).hasSize(1);
    assertThat(output().get(0).getVerdict().getReason()).isEqualTo(FailureReason.LIMIT_EXCEEDED);
    assertThat(output().get(0).getDigests()).isEmpty();
    assertNoState();
  }

  @Test
  void processElement_ofUnitsThatLeaveOutAPartOfAFile_failsTheModelAlone() throws Exception {
    process(StageRecords.subtree(content(2_048), 0, 2));
    process(StageRecords.unit(1, 1, 1, 2));
    process(StageRecords.unit(2, 1, 0, 1));

    assertThat(output()).hasSize(2);
    assertThat(output().get(0).getVerdict().getReason()).isEqualTo(FailureReason.INTERNAL_ERROR);
    assertThat(output().get(0).getVerdict().getMessage())
        .contains("A fault of the program: ", "subtrees of a file end at 1024");
    assertThat(output().get(0).getDigests()).isEmpty();
    assertThat(output().get(1).getVerdict()).isNull();
    assertNoState();
  }

  @Test
  void processElement_ofMoreDifferencesThanAreListed_keepsNoMoreThanThat() throws Exception {
    for (int unit = 0; unit < 4; unit++) {
      process(StageRecords.differing(unit, 5, 4_000));
    }
    long waiting =
        harness.snapshot(1, 1).getManagedKeyedState().stream()
            .mapToLong(StateObject::getStateSize)
            .sum();
    process(StageRecords.differing(4, 5, 4_000));

    // Most of it is the schema of a unit's record; 16,000 differences would take more than a MiB.
    assertThat(waiting).as("bytes of state").isBetween(1L, 50_000L);
    assertThat(output()).hasSize(1);
    assertThat(output().get(0).getCounts().getChanged()).isEqualTo(20_000);
    assertThat(output().get(0).getDifferences()).hasSize(5);
    assertNoState();
  }

  @Test
  void processElement_ofLongerDifferencesThanAreListed_keepsNoMoreThan16Mebibytes()
      throws Exception {
    for (int unit = 0; unit < 3; unit++) {
      UnitRecord record = StageRecords.differing(unit, 4, 2);
      record.getDifferences().forEach(difference -> difference.setDetail("d".repeat(5 << 20)));
      process(record);
    }
    long waiting =
        harness.snapshot(1, 1).getManagedKeyedState().stream()
            .mapToLong(StateObject::getStateSize)
            .sum();
    process(StageRecords.differing(3, 4, 2));

    assertThat(waiting).as("bytes of state").isBetween(15L << 20, 16L << 20);
    assertThat(output().get(0).getCounts().getChanged()).isEqualTo(8);
    assertThat(output().get(0).getDifferences()).hasSize(5);
    assertNoState();
  }

  @Test
  void processElement_ofAllSubtreesOfAFile_givesItsDigestWhateverTheOrder() throws Exception {
    byte[] content = content(4_097);
    process(StageRecords.subtree(content, 2, 6));
    process(StageRecords.unit(1, 1, 5, 6));
    process(StageRecords.subtree(content, 4, 6));
    process(StageRecords.subtree(content, 0, 6));
    process(StageRecords.subtree(content, 3, 6));
    process(StageRecords.subtree(content, 1, 6));

    assertThat(output()).hasSize(1);
    assertThat(output().get(0).getDigests())
        .hasSize(2)
        .contains(new RangeDigest("large", 0L, -1L, StageRecords.blake3(content)));
    assertThat(output().get(0).getFiles()).isEqualTo(2);
    assertNoState();
  }

  @Test
  void initializeState_inTheMiddleOfAFile_goesOnWithItsSubtrees() throws Exception {
    byte[] content = content(3_000);
    process(StageRecords.subtree(content, 2, 3));
    process(StageRecords.subtree(content, 0, 3));
    OperatorSubtaskState state = harness.snapshot(1, 1);
    harness.close();

    harness = newHarness();
    harness.initializeState(state);
    harness.open();
    process(StageRecords.subtree(content, 0, 3));
    boolean early = output().isEmpty();
    process(StageRecords.subtree(content, 1, 3));

    assertThat(early).isTrue();
    assertThat(output().get(0).getDigests())
        .containsExactly(new RangeDigest("large", 0L, -1L, StageRecords.blake3(content)));
    assertNoState();
  }

  @Test
  void processElement_ofSubtreesOfAFileThatIsNotWhatWasSigned_isOneDifference() throws Exception {
    byte[] content = content(2_500);
    ByteBuffer signed = StageRecords.blake3(content(2_501));
    for (int unit = 0; unit < 3; unit++) {
      UnitRecord record = StageRecords.subtree(content, unit, 3);
      record.getHeader().setOperation(Operation.VERIFY);
      record.getSubtrees().get(0).getRange().setExpected(signed);
      process(record);
    }

    AssembledModel model = output().get(0);
    assertThat(model.getDigests()).isEmpty();
    assertThat(model.getCounts().getChanged()).isEqualTo(1);
    assertThat(model.getDifferences())
        .extracting(Difference::getKind, Difference::getName, Difference::getExpected)
        .containsExactly(tuple(DifferenceKind.CHANGED, "large", hex(signed)));
    assertThat(model.getDifferences().get(0).getActual())
        .isEqualTo(hex(StageRecords.blake3(content)));
  }

  @Test
  void processElement_ofSubtreesOfAFileThatIsAsSigned_findsNoDifference() throws Exception {
    byte[] content = content(2_500);
    for (int unit = 0; unit < 3; unit++) {
      UnitRecord record = StageRecords.subtree(content, unit, 3);
      record.getHeader().setOperation(Operation.VERIFY);
      record.getSubtrees().get(0).getRange().setExpected(StageRecords.blake3(content));
      process(record);
    }

    assertThat(output().get(0).getCounts().getChanged()).isZero();
    assertThat(output().get(0).getDifferences()).isEmpty();
  }

  @Test
  void processElement_ofSubtreesOfARunThatRecordsListings_listsTheFileAsOfItsFirstPlan()
      throws Exception {
    byte[] content = content(3_072);
    long[] started = {1_700_000_000_500L, 1_700_000_000_000L, 1_700_000_000_900L};
    for (int unit = 2; unit >= 0; unit--) {
      UnitRecord record = StageRecords.subtree(content, unit, 3);
      record.getHeader().setRecordsListing(true);
      record.getHeader().setStarted(started[unit]);
      process(record);
    }

    assertThat(harness.getSideOutput(RecordListings.LISTINGS))
        .extracting(StreamRecord::getValue)
        .singleElement()
        .satisfies(
            listing -> {
              assertThat(listing.getRunId()).isEqualTo("run");
              assertThat(listing.getUnit()).isZero();
              assertThat(listing.getRanges())
                  .containsExactly(
                      new ListedRange(
                          "large",
                          0L,
                          -1L,
                          3_072L,
                          "v1",
                          5L,
                          1_700_000_000_000L,
                          StageRecords.blake3(content)));
            });
  }

  private static String hex(ByteBuffer digest) {
    byte[] bytes = new byte[digest.remaining()];
    digest.duplicate().get(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] content(int length) {
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    return content;
  }

  @Test
  void processElement_ofInterleavedModels_keepsThemApart() throws Exception {
    process(StageRecords.unit(1, 1, 0, 2));
    process(StageRecords.unit(2, 1, 1, 2));
    process(StageRecords.unit(2, 1, 0, 2));
    process(StageRecords.unit(1, 1, 1, 2));

    assertThat(output())
        .extracting(model -> model.getHeader().getEntryId())
        .containsExactly(2L, 1L);
    assertThat(output()).allSatisfy(model -> assertThat(model.getDigests()).hasSize(2));
    assertNoState();
  }

  @Test
  void processElement_ofAUnitThatWasThere_dropsIt() throws Exception {
    process(StageRecords.unit(1, 1, 0, 2));
    process(StageRecords.unit(1, 1, 0, 2));

    assertThat(output()).isEmpty();
    process(StageRecords.unit(1, 1, 1, 2));
    assertThat(output()).containsExactly(StageRecords.model(2));
  }

  @Test
  void processElement_ofANewerAttempt_forgetsTheOlder() throws Exception {
    process(StageRecords.unit(1, 1, 0, 2));
    process(StageRecords.unit(1, 2, 1, 2));
    process(StageRecords.unit(1, 1, 1, 2));

    assertThat(output()).isEmpty();
    process(StageRecords.unit(1, 2, 0, 2));
    assertThat(output()).hasSize(1);
    assertThat(output().get(0).getHeader().getAttempt()).isEqualTo(2);
    assertThat(output().get(0).getDigests()).hasSize(2);
    process(StageRecords.unit(1, 1, 1, 2));
    assertThat(output()).hasSize(1);
    harness.setProcessingTime(Duration.ofMinutes(11).toMillis());
    assertNoState();
  }

  @Test
  void processElement_ofAVerdict_endsTheModelAndDropsStragglers() throws Exception {
    process(StageRecords.unit(1, 1, 0, 3));
    process(StageRecords.verdict(1, 1, 3));
    process(StageRecords.unit(1, 1, 1, 3));
    process(StageRecords.unit(1, 1, 2, 3));
    process(StageRecords.verdict(1, 1, 3));

    assertThat(output()).hasSize(1);
    assertThat(output().get(0).getVerdict().getMessage()).isEqualTo("cannot be read");
    assertThat(harness.numProcessingTimeTimers()).isEqualTo(1);
    harness.setProcessingTime(Duration.ofMinutes(11).toMillis());
    assertNoState();
  }

  @Test
  void processElement_ofANewAttemptAfterAVerdict_startsAgain() throws Exception {
    process(StageRecords.verdict(1, 1, 2));
    process(StageRecords.unit(1, 2, 0, 2));
    process(StageRecords.unit(1, 2, 1, 2));

    assertThat(output()).hasSize(2);
    assertThat(output().get(1).getVerdict()).isNull();
  }

  @Test
  void processElement_ofAVerdictWithoutUnits_leavesNothingBehind() throws Exception {
    process(StageRecords.verdict(1, 1, 0));

    assertThat(output()).hasSize(1);
    assertNoState();
  }

  @Test
  void initializeState_inTheMiddleOfAModel_goesOnWithIt() throws Exception {
    process(StageRecords.unit(1, 1, 0, 3));
    process(StageRecords.unit(1, 1, 2, 3));
    OperatorSubtaskState state = harness.snapshot(1, 1);
    harness.close();

    harness = newHarness();
    harness.initializeState(state);
    harness.open();
    process(StageRecords.unit(1, 1, 2, 3));
    boolean early = output().isEmpty();
    process(StageRecords.unit(1, 1, 1, 3));

    assertThat(early).isTrue();
    assertThat(output()).containsExactly(StageRecords.model(3));
    assertNoState();
  }

  @Test
  void initializeState_atMoreThan128Subtasks_goesOnWithTheModelInItsSubtask() throws Exception {
    int most = 1_024;
    int subtasks = 600;
    try (KeyedOneInputStreamOperatorTestHarness<Long, UnitRecord, AssembledModel> one =
        newHarness(most, 1, 0)) {
      one.open();
      one.processElement(StageRecords.unit(1, 1, 0, 2), 0);
      OperatorSubtaskState state = one.snapshot(1, 1);
      harness.close();

      int subtask = KeyGroupRangeAssignment.assignKeyToParallelOperator(1L, most, subtasks);
      harness = newHarness(most, subtasks, subtask);
      harness.initializeState(
          AbstractStreamOperatorTestHarness.repartitionOperatorState(
              state, most, 1, subtasks, subtask));
      harness.open();
      process(StageRecords.unit(1, 1, 1, 2));

      assertThat(subtask).isGreaterThan(128);
      assertThat(output()).containsExactly(StageRecords.model(2));
      assertNoState();
    }
  }

  @Test
  void processElement_ofManyDifferences_keepsTheLimitAndTheCounts() throws Exception {
    process(StageRecords.differing(0, 2, 4));
    process(StageRecords.differing(1, 2, 4));

    assertThat(output().get(0).getDifferences()).hasSize(5);
    assertThat(output().get(0).getCounts().getChanged()).isEqualTo(8);
  }

  private void process(UnitRecord unit) throws Exception {
    harness.processElement(unit, 0);
  }

  private List<AssembledModel> output() {
    return harness.extractOutputValues();
  }

  private void assertNoState() {
    assertThat(harness.numKeyedStateEntries()).isZero();
    assertThat(harness.numProcessingTimeTimers()).isZero();
  }

  private static KeyedOneInputStreamOperatorTestHarness<Long, UnitRecord, AssembledModel>
      newHarness() throws Exception {
    return newHarness(1, 1, 0);
  }

  private static KeyedOneInputStreamOperatorTestHarness<Long, UnitRecord, AssembledModel>
      newHarness(int maxParallelism, int parallelism, int subtask) throws Exception {
    KeyedOneInputStreamOperatorTestHarness<Long, UnitRecord, AssembledModel> harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(new AssembleManifest("run", 5)),
            unit -> unit.getHeader().getEntryId(),
            Types.LONG,
            maxParallelism,
            parallelism,
            subtask);
    harness.setCheckpointStorage(new JobManagerCheckpointStorage(64 << 20));
    return harness;
  }
}
