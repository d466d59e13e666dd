package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Verdict;
import dev.countersign.schemas.WorkUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class UnitLedgerTest {

  private static final WindowSettings WINDOW = new WindowSettings(2, 1 << 20, 1, 64, 10, 1 << 20);

  @Test
  void nextToPlan_whenWindowIsFull_waitsForAModelToBeDone() {
    UnitLedger ledger = new UnitLedger(3, WINDOW);
    planAll(ledger, Plans.ofUnits(0, 1), Plans.ofUnits(1, 1));

    assertThat(ledger.nextToPlan()).isEmpty();
    ledger.finished(id(take(ledger, 0)));

    assertThat(ledger.nextToPlan()).hasValue(2);
  }

  @Test
  void nextToPlan_whenUnitsAreHeavy_waitsWhateverTheirNumber() {
    UnitLedger ledger = new UnitLedger(3, new WindowSettings(100, 1, 1, 64, 10, 1 << 20));
    planAll(ledger, Plans.ofUnits(0, 1));

    assertThat(ledger.nextToPlan()).isEmpty();
  }

  @Test
  void take_ofWaitingUnits_givesTheLargestFirst() {
    UnitLedger ledger = new UnitLedger(2, WINDOW);
    planAll(ledger, Plans.ofUnits(0, 5, 100), Plans.ofUnits(1, 70));

    assertThat(List.of(take(ledger, 0), take(ledger, 1), take(ledger, 0)))
        .extracting(unit -> unit.getRanges().get(0).getLength())
        .containsExactly(100L, 70L, 5L);
    assertThat(ledger.take(0)).isEmpty();
    assertThat(ledger.unitsOut()).isEqualTo(3);
  }

  @Test
  void isDone_onceEveryUnitIsFinished_holds() {
    UnitLedger ledger = new UnitLedger(1, WINDOW);
    planAll(ledger, Plans.ofUnits(0, 1, 2));
    WorkUnit first = take(ledger, 0);
    WorkUnit second = take(ledger, 1);

    ledger.finished(id(first));
    assertThat(ledger.isDone()).isFalse();
    ledger.finished(id(second));

    assertThat(ledger.isDone()).isTrue();
    assertThat(ledger.modelsDone()).isEqualTo(1);
  }

  @Test
  void planned_asAFailure_handsOutTheVerdictOnly() {
    UnitLedger ledger = new UnitLedger(1, WINDOW);
    planAll(ledger, Plans.failing(0));

    WorkUnit unit = take(ledger, 0);

    assertThat(verdict(unit).getReason()).isEqualTo(FailureReason.EMPTY_MODEL);
    assertThat(unit.getRanges()).isEmpty();
    ledger.finished(id(unit));
    assertThat(ledger.isDone()).isTrue();
  }

  @Test
  void failed_whileOtherUnitsAreOut_waitsForThemAndDropsTheRest() {
    UnitLedger ledger = new UnitLedger(1, WINDOW);
    planAll(ledger, Plans.ofUnits(0, 3, 2, 1));
    WorkUnit broken = take(ledger, 0);
    WorkUnit other = take(ledger, 1);

    Set<Integer> inVain = ledger.failed(id(broken), FailureReason.UNREADABLE, "no such sector");

    assertThat(inVain).containsExactly(1);
    assertThat(ledger.take(0)).isEmpty();
    ledger.finished(id(other));
    WorkUnit last = take(ledger, 0);
    assertThat(verdict(last).getReason()).isEqualTo(FailureReason.UNREADABLE);
    assertThat(verdict(last).getMessage()).isEqualTo("no such sector");
    assertThat(last.getUnitCount()).isEqualTo(3);
    assertThat(ledger.take(0)).isEmpty();
    ledger.finished(id(last));
    assertThat(ledger.isDone()).isTrue();
  }

  @Test
  void failed_twice_keepsTheFirstReason() {
    UnitLedger ledger = new UnitLedger(1, WINDOW);
    planAll(ledger, Plans.ofUnits(0, 2, 1));
    WorkUnit first = take(ledger, 0);
    WorkUnit second = take(ledger, 0);

    ledger.failed(id(first), FailureReason.UNREADABLE, "first");
    ledger.failed(id(second), FailureReason.CHANGED_WHILE_READ, "second");

    assertThat(verdict(take(ledger, 0)).getMessage()).isEqualTo("first");
  }

  @Test
  void returned_whileOut_goesOutAgain() {
    UnitLedger ledger = new UnitLedger(1, WINDOW);
    planAll(ledger, Plans.ofUnits(0, 1));
    WorkUnit lost = take(ledger, 0);

    ledger.readerLost(0);
    ledger.returned(id(lost));
    ledger.readerBack(0, List.of());

    assertThat(id(take(ledger, 1))).isEqualTo(id(lost));
  }

  @Test
  void take_whileALostReaderIsNotBack_givesNothing() {
    UnitLedger ledger = new UnitLedger(1, WINDOW);
    planAll(ledger, Plans.ofUnits(0, 2, 1));
    UnitId first = id(take(ledger, 0));
    ledger.readerLost(0);
    ledger.readerLost(1);
    ledger.returned(first);

    ledger.readerBack(1, List.of());

    assertThat(ledger.take(1)).isEmpty();
    ledger.readerBack(0, List.of(first));
    assertThat(id(take(ledger, 1))).isEqualTo(first);
  }

  @Test
  void returned_byFlinkAndByItsReader_goesOutOnceAndCountsOneCrash() {
    UnitLedger ledger = new UnitLedger(1, WINDOW);
    planAll(ledger, Plans.ofUnits(0, 1));
    UnitId unit = id(take(ledger, 0));
    for (int crash = 0; crash < 2; crash++) {
      ledger.readerLost(0);
      ledger.readerLost(1);
      ledger.returned(unit);
      ledger.readerBack(1, List.of());
      ledger.readerBack(0, List.of(unit));
      assertThat(id(take(ledger, 1))).isEqualTo(unit);
      assertThat(ledger.take(0)).isEmpty();
    }

    ledger.finished(unit);

    assertThat(ledger.unitsOut()).isZero();
    assertThat(ledger.isDone()).isTrue();
  }

  @Test
  void readerBack_withoutReportingAUnit_meansThatItWasEmitted() {
    UnitLedger ledger = new UnitLedger(1, WINDOW);
    planAll(ledger, Plans.ofUnits(0, 1));
    take(ledger, 0);

    ledger.readerLost(0);
    assertThat(ledger.isDone()).isFalse();
    ledger.readerBack(0, List.of());

    assertThat(ledger.isDone()).isTrue();
  }

  @Test
  void readerBack_reportingAUnit_handsItOutAgainEvenIfItWasFinished() {
    UnitLedger ledger = new UnitLedger(1, WINDOW);
    planAll(ledger, Plans.ofUnits(0, 2, 1));
    WorkUnit unit = take(ledger, 0);
    ledger.finished(id(unit));

    ledger.readerLost(0);
    ledger.readerBack(0, List.of(id(unit)));

    assertThat(id(take(ledger, 0))).isEqualTo(id(unit));
  }

  @Test
  void returned_ofAModelThatWasDone_revivesItAndPlansAgain() {
    UnitLedger ledger = new UnitLedger(1, WINDOW);
    planAll(ledger, Plans.ofUnits(0, 2, 1));
    UnitId first = id(take(ledger, 0));
    UnitId second = id(take(ledger, 0));
    ledger.finished(first);
    ledger.finished(second);
    ledger.readerLost(0);

    ledger.returned(second);
    ledger.readerBack(0, List.of());

    assertThat(ledger.isDone()).isFalse();
    assertThat(ledger.isBegun(0)).isTrue();
    planAll(ledger, Plans.ofUnits(0, 2, 1));
    assertThat(id(take(ledger, 1))).isEqualTo(second);
    assertThat(ledger.take(1)).isEmpty();
    ledger.finished(second);
    assertThat(ledger.isDone()).isTrue();
  }

  @Test
  void returned_ofAModelWhoseListingIsAnother_failsAsChanged() {
    UnitLedger ledger = new UnitLedger(1, WINDOW);
    planAll(ledger, Plans.ofUnits(0, "before", 1));
    UnitId unit = id(take(ledger, 0));
    ledger.finished(unit);
    ledger.readerLost(0);
    ledger.returned(unit);
    ledger.readerBack(0, List.of());

    planAll(ledger, Plans.ofUnits(0, "after", 1));

    assertThat(verdict(take(ledger, 0)).getReason()).isEqualTo(FailureReason.CHANGED_WHILE_READ);
  }

  @Test
  void checkpointCompleted_forgetsModelsThatWereDoneBefore() {
    UnitLedger ledger = new UnitLedger(1, WINDOW);
    planAll(ledger, Plans.ofUnits(0, 1));
    UnitId unit = id(take(ledger, 0));
    ledger.finished(unit);
    ledger.save(7, 0);

    ledger.checkpointCompleted(7);

    assertThatThrownBy(() -> ledger.returned(unit))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("never begun");
  }

  @Test
  void take_ofAUnitThatCrashedThreeWorkers_waitsUntilNothingElseRuns() {
    UnitLedger ledger = new UnitLedger(2, WINDOW);
    planAll(ledger, Plans.ofUnits(0, 100));
    UnitId suspect = crash(ledger, 3);
    planAll(ledger, Plans.ofUnits(1, 2, 1));

    UnitId innocent = id(take(ledger, 0));
    UnitId other = id(take(ledger, 1));
    assertThat(innocent.entryId()).isEqualTo(1);
    assertThat(ledger.take(0)).isEmpty();
    ledger.finished(innocent);
    assertThat(ledger.take(0)).isEmpty();
    ledger.finished(other);

    assertThat(id(take(ledger, 0))).isEqualTo(suspect);
  }

  @Test
  void take_whileASuspectRunsAlone_givesNothing() {
    UnitLedger ledger = new UnitLedger(2, WINDOW);
    planAll(ledger, Plans.ofUnits(0, 100));
    UnitId suspect = crash(ledger, 3);
    assertThat(id(take(ledger, 0))).isEqualTo(suspect);

    planAll(ledger, Plans.ofUnits(1, 1));

    assertThat(ledger.take(1)).isEmpty();
    ledger.finished(suspect);
    assertThat(take(ledger, 1).getHeader().getEntryId()).isEqualTo(1);
  }

  @Test
  void returned_fromRunningAlone_failsTheModelAlone() {
    UnitLedger ledger = new UnitLedger(2, WINDOW);
    planAll(ledger, Plans.ofUnits(0, 100));

    crash(ledger, 4);
    planAll(ledger, Plans.ofUnits(1, 1));

    WorkUnit end = take(ledger, 0);
    assertThat(end.getHeader().getEntryId()).isZero();
    assertThat(verdict(end).getReason()).isEqualTo(FailureReason.CRASHED_WORKER);
    assertThat(verdict(end).getMessage()).contains("/models/0").contains("4 times");
    assertThat(take(ledger, 0).getHeader().getEntryId()).isEqualTo(1);
  }

  @Test
  void restored_beforeAllReadersAreBack_handsOutNothing() {
    UnitLedger before = new UnitLedger(1, WINDOW);
    planAll(before, Plans.ofUnits(0, 3, 2, 1));
    UnitId finished = id(take(before, 0));
    UnitId reported = id(take(before, 0));
    before.finished(finished);
    UnitLedger ledger = new UnitLedger(1, WINDOW, before.save(1, 0), 2);
    planAll(ledger, Plans.ofUnits(0, 3, 2, 1));

    assertThat(ledger.take(0)).isEmpty();
    ledger.readerBack(0, List.of(reported));
    assertThat(ledger.take(0)).isEmpty();
    ledger.readerBack(1, List.of());

    assertThat(id(take(ledger, 0)).unit()).isEqualTo(2);
    assertThat(ledger.take(0)).as("waits for its crash count to be saved").isEmpty();
    ledger.checkpointCompleted(2);
    assertThat(id(take(ledger, 0))).isEqualTo(reported);
  }

  @Test
  void restored_withAUnitThatNoReaderReports_countsItAsEmitted() {
    UnitLedger before = new UnitLedger(1, WINDOW);
    planAll(before, Plans.ofUnits(0, 1));
    take(before, 0);
    UnitLedger ledger = new UnitLedger(1, WINDOW, before.save(1, 0), 1);
    planAll(ledger, Plans.ofUnits(0, 1));

    ledger.readerBack(0, List.of());

    assertThat(ledger.isDone()).isTrue();
  }

  @Test
  void restored_afterACrashThatWasSaved_goesOnCounting() throws Exception {
    EnumeratorStateSerializer serializer = new EnumeratorStateSerializer();
    UnitLedger ledger = new UnitLedger(1, WINDOW);
    planAll(ledger, Plans.ofUnits(0, 1));
    UnitId unit = id(take(ledger, 0));
    for (int crash = 1; crash <= 4; crash++) {
      EnumeratorState saved =
          serializer.deserialize(1, serializer.serialize(ledger.save(crash, 0)));
      ledger = new UnitLedger(1, WINDOW, saved, 1);
      ledger.readerBack(0, List.of(unit));
      planAll(ledger, Plans.ofUnits(0, 1));
      ledger.checkpointCompleted(10L + crash);
      if (crash < 4) {
        assertThat(id(take(ledger, 0))).isEqualTo(unit);
      }
    }

    assertThat(verdict(take(ledger, 0)).getReason()).isEqualTo(FailureReason.CRASHED_WORKER);
  }

  @Test
  void restored_withAVerdictThatWasNotEmitted_emitsIt() {
    UnitLedger before = new UnitLedger(1, WINDOW);
    planAll(before, Plans.ofUnits(0, 1));
    before.failed(id(take(before, 0)), FailureReason.UNREADABLE, "no such sector");
    UnitLedger ledger = new UnitLedger(1, WINDOW, before.save(1, 0), 1);

    ledger.readerBack(0, List.of());

    assertThat(verdict(take(ledger, 0)).getMessage()).isEqualTo("no such sector");
  }

  /** Takes the only unit and loses its reader, {@code times} times. */
  private static UnitId crash(UnitLedger ledger, int times) {
    UnitId unit = null;
    for (int i = 0; i < times; i++) {
      unit = id(take(ledger, 0));
      ledger.readerLost(0);
      ledger.returned(unit);
      ledger.readerBack(0, List.of());
    }
    return unit;
  }

  /** Answers planning requests with these plans, by entry. */
  private static void planAll(UnitLedger ledger, ModelPlan... plans) {
    List<Long> asked = new ArrayList<>();
    for (int i = 0; i < plans.length; i++) {
      OptionalLong next = ledger.nextToPlan();
      assertThat(next).isPresent();
      asked.add(next.getAsLong());
    }
    for (ModelPlan plan : plans) {
      assertThat(asked).contains(plan.header().getEntryId());
      ledger.planned(plan);
    }
  }

  private static WorkUnit take(UnitLedger ledger, int reader) {
    Optional<WorkUnit> unit = ledger.take(reader);
    assertThat(unit).isPresent();
    return unit.orElseThrow();
  }

  private static Verdict verdict(WorkUnit unit) {
    assertThat(unit.getVerdict()).isNotNull();
    return unit.getVerdict();
  }

  private static UnitId id(WorkUnit unit) {
    return new ModelSplit(unit).id();
  }
}
