package dev.countersign.source.ledger;

import static dev.countersign.source.ledger.LedgerCalls.crash;
import static dev.countersign.source.ledger.LedgerCalls.id;
import static dev.countersign.source.ledger.LedgerCalls.ledger;
import static dev.countersign.source.ledger.LedgerCalls.noRetries;
import static dev.countersign.source.ledger.LedgerCalls.planAll;
import static dev.countersign.source.ledger.LedgerCalls.take;
import static dev.countersign.source.ledger.LedgerCalls.verdict;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.ledger.UnitLedger.Cancellation;
import dev.countersign.source.units.UnitId;
import dev.countersign.source.units.WindowSettings;
import java.util.List;
import org.junit.jupiter.api.Test;

final class UnitLedgerTest {

  private static final WindowSettings WINDOW = new WindowSettings(2, 1 << 20, 1, 64, 10, 1 << 20);

  @Test
  void nextToPlan_whenWindowIsFull_waitsForAModelToBeDone() {
    UnitLedger ledger = ledger(3, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 1), Plans.ofUnits(1, 1));

    assertThat(ledger.nextToPlan(Long.MAX_VALUE)).isEmpty();
    ledger.finished(id(take(ledger, 0)));

    assertThat(ledger.nextToPlan(Long.MAX_VALUE)).hasValue(2);
  }

  @Test
  void nextToPlan_whenUnitsAreHeavy_waitsWhateverTheirNumber() {
    UnitLedger ledger = ledger(3, new WindowSettings(100, 1, 1, 64, 10, 1 << 20), noRetries());
    planAll(ledger, Plans.ofUnits(0, 1));

    assertThat(ledger.nextToPlan(Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void nextToPlan_beforeAnythingIsPlanned_beginsFewModels() {
    UnitLedger ledger =
        ledger(1_000, new WindowSettings(500, 1 << 20, 1, 64, 10, 1 << 20), noRetries());

    assertThat(begun(ledger)).isEqualTo(8);
  }

  @Test
  void nextToPlan_onceLightPlansHaveCome_fillsTheWindow() {
    UnitLedger ledger =
        ledger(1_000, new WindowSettings(500, 1 << 20, 1, 64, 10, 1 << 20), noRetries());
    long planned = 0;
    for (long begun = begun(ledger); begun < 500 && planned < 100; begun += begun(ledger)) {
      ledger.planned(Plans.ofUnits(planned++, 1));
    }

    assertThat(planned).as("plans until the window is full").isLessThan(60);
    assertThat(begun(ledger)).isZero();
  }

  @Test
  void nextToPlan_whenPlansAreHeavy_countsThoseThatAreNotThereYet() {
    long heavy = Plans.ofUnits(0, new long[100]).weight();
    UnitLedger ledger =
        ledger(1_000, new WindowSettings(500, 20 * heavy, 1, 64, 10, 1 << 20), noRetries());
    long most = 0;
    long planned = 0;
    for (long begun = begun(ledger); planned < begun; begun += begun(ledger)) {
      ledger.planned(Plans.ofUnits(planned++, new long[100]));
      most = Math.max(most, begun);
    }

    assertThat(planned).isEqualTo(most).isBetween(20L, 22L);
    assertThat(ledger.weight()).isBetween(20 * heavy, 22 * heavy);
  }

  @Test
  void nextToPlan_afterModelsThatWereDropped_countsThemNoMore() {
    UnitLedger ledger =
        ledger(1_000, new WindowSettings(500, 1 << 20, 1, 64, 10, 1 << 20), noRetries());
    assertThat(begun(ledger)).isEqualTo(8);
    for (int i = 0; i < 8; i++) {
      ledger.planned(Plans.failing(i));
      ledger.finished(id(take(ledger, 0)));
    }

    assertThat(begun(ledger)).isGreaterThan(8);
    assertThat(ledger.weight()).isZero();
  }

  @Test
  void take_ofWaitingUnits_givesTheLargestFirst() {
    UnitLedger ledger = ledger(2, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 5, 100), Plans.ofUnits(1, 70));

    assertThat(List.of(take(ledger, 0), take(ledger, 1), take(ledger, 0)))
        .extracting(unit -> unit.getRanges().get(0).getLength())
        .containsExactly(100L, 70L, 5L);
    assertThat(ledger.take(0)).isEmpty();
    assertThat(ledger.unitsAssigned()).isEqualTo(3);
  }

  @Test
  void isDone_onceEveryUnitIsFinished_holds() {
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
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
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
    planAll(ledger, Plans.failing(0));

    WorkUnit unit = take(ledger, 0);

    assertThat(verdict(unit).getReason()).isEqualTo(FailureReason.EMPTY_MODEL);
    assertThat(unit.getRanges()).isEmpty();
    ledger.finished(id(unit));
    assertThat(ledger.isDone()).isTrue();
  }

  @Test
  void failed_whileOtherUnitsAreOut_waitsForThemAndDropsTheRest() {
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 3, 2, 1));
    WorkUnit broken = take(ledger, 0);
    WorkUnit other = take(ledger, 1);

    List<Cancellation> inVain =
        ledger.failed(
            id(broken), new ModelFailure(FailureReason.UNREADABLE, "no such sector"), false);

    assertThat(inVain).extracting(Cancellation::reader).containsExactly(1);
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
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 2, 1));
    WorkUnit first = take(ledger, 0);
    WorkUnit second = take(ledger, 0);

    ledger.failed(id(first), new ModelFailure(FailureReason.UNREADABLE, "first"), false);
    ledger.failed(id(second), new ModelFailure(FailureReason.CHANGED_WHILE_READ, "second"), false);

    assertThat(verdict(take(ledger, 0)).getMessage()).isEqualTo("first");
  }

  @Test
  void checkpointCompleted_forgetsModelsThatWereDoneBefore() {
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 1));
    UnitId unit = id(take(ledger, 0));
    ledger.finished(unit);
    ledger.save(7);

    ledger.checkpointCompleted(7);

    assertThatThrownBy(() -> ledger.returned(unit))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("never begun");
  }

  @Test
  void take_ofAUnitThatCrashedThreeWorkers_waitsUntilNothingElseRuns() {
    UnitLedger ledger = ledger(2, WINDOW, noRetries());
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
    UnitLedger ledger = ledger(2, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 100));
    UnitId suspect = crash(ledger, 3);
    assertThat(id(take(ledger, 0))).isEqualTo(suspect);

    assertThat(ledger.nextToPlan(Long.MAX_VALUE)).isEmpty();
    assertThat(ledger.take(1)).isEmpty();
    ledger.finished(suspect);
    planAll(ledger, Plans.ofUnits(1, 1));
    assertThat(take(ledger, 1).getHeader().getEntryId()).isEqualTo(1);
  }

  @Test
  void returned_fromRunningAlone_failsTheModelAlone() {
    UnitLedger ledger = ledger(2, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 100));

    crash(ledger, 4);
    planAll(ledger, Plans.ofUnits(1, 1));

    WorkUnit end = take(ledger, 0);
    assertThat(end.getHeader().getEntryId()).isZero();
    assertThat(verdict(end).getReason()).isEqualTo(FailureReason.CRASHED_WORKER);
    assertThat(verdict(end).getMessage()).contains("/models/0").contains("4 times");
    assertThat(take(ledger, 0).getHeader().getEntryId()).isEqualTo(1);
  }

  /** Begins all models that the window has room for; returns how many. */
  private static long begun(UnitLedger ledger) {
    long begun = 0;
    while (ledger.nextToPlan(Long.MAX_VALUE).isPresent()) {
      begun++;
    }
    return begun;
  }
}
