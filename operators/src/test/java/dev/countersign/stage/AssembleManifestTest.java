package dev.countersign.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.RangeDigest;
import dev.countersign.schemas.UnitRecord;
import java.time.Duration;
import java.util.AbstractList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.StateObject;
import org.apache.flink.runtime.state.storage.JobManagerCheckpointStorage;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
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
            new KeyedProcessOperator<>(new AssembleManifest(5)),
            unit -> unit.getHeader().getEntryId(),
            Types.LONG,
            maxParallelism,
            parallelism,
            subtask);
    harness.setCheckpointStorage(new JobManagerCheckpointStorage(64 << 20));
    return harness;
  }
}
