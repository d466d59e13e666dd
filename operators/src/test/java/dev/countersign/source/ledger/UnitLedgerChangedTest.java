package dev.countersign.source.ledger;

import static dev.countersign.source.ledger.LedgerCalls.back;
import static dev.countersign.source.ledger.LedgerCalls.id;
import static dev.countersign.source.ledger.LedgerCalls.ledger;
import static dev.countersign.source.ledger.LedgerCalls.noRetries;
import static dev.countersign.source.ledger.LedgerCalls.planAll;
import static dev.countersign.source.ledger.LedgerCalls.take;
import static dev.countersign.source.ledger.LedgerCalls.verdict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.checkpoint.EnumeratorStateSerializer;
import dev.countersign.source.signals.EnumeratorEvent;
import dev.countersign.source.units.UnitId;
import dev.countersign.source.units.WindowSettings;
import org.junit.jupiter.api.Test;

/** A model that changes while it is read is read again from its start, once. */
final class UnitLedgerChangedTest {

  private static final WindowSettings WINDOW = new WindowSettings(2, 1 << 20, 1, 64, 10, 1 << 20);
  private final ModelFailure changed = ModelFailure.changedMeanwhile("/models/0");

  private final UnitLedger ledger = ledger(1, WINDOW, noRetries());

  @Test
  void failed_asChanged_isPlannedAndReadAgainInAnotherAttempt() {
    planAll(ledger, Plans.ofUnits(0, "before", 5, 1));
    UnitId first = id(take(ledger, 0));
    ledger.finished(first);
    long weight = ledger.weight();

    ledger.failed(id(take(ledger, 0)), changed, false);
    assertThat(ledger.take(0)).isEmpty();
    assertThat(ledger.weight()).isZero();
    planAll(ledger, Plans.ofUnits(0, "after", 5, 1));
    WorkUnit again = take(ledger, 0);
    ledger.finished(id(again));
    ledger.finished(id(take(ledger, 0)));

    assertThat(weight).isPositive();
    assertThat(id(again)).isEqualTo(new UnitId(0, first.attempt() + 1, first.unit()));
    assertThat(again.getHeader().getAttempt()).isEqualTo(2);
    assertThat(ledger.isDone()).isTrue();
  }

  @Test
  void failed_asChangedWhileOthersAreOut_startsAgainWhenTheyAreBack() {
    planAll(ledger, Plans.ofUnits(0, "before", 5, 4, 3));
    UnitId first = id(take(ledger, 0));
    UnitId second = id(take(ledger, 1));

    var cancelled = ledger.failed(first, changed, false);
    assertThat(ledger.nextToPlan(Long.MAX_VALUE)).isEmpty();
    ledger.finished(second);

    assertThat(cancelled)
        .containsExactly(
            new UnitLedger.Cancellation(1, new EnumeratorEvent.CancelModel(0, first.attempt())));
    assertThat(ledger.nextToPlan(Long.MAX_VALUE)).hasValue(0);
    assertThat(ledger.unitsAssigned()).isZero();
  }

  @Test
  void failed_asChangedWhileOthersWait_handsOutNoneOfThem() {
    planAll(ledger, Plans.ofUnits(0, "before", 5, 4, 3));

    ledger.failed(id(take(ledger, 0)), changed, false);
    planAll(ledger, Plans.ofUnits(0, "after", 2));

    assertThat(id(take(ledger, 0))).isEqualTo(new UnitId(0, 2, 0));
    assertThat(ledger.take(0)).isEmpty();
  }

  @Test
  void failed_asChangedOnceMore_failsTheModel() {
    planAll(ledger, Plans.ofUnits(0, "before", 1));
    ledger.failed(id(take(ledger, 0)), changed, false);
    planAll(ledger, Plans.ofUnits(0, "after", 1));
    ledger.failed(id(take(ledger, 0)), changed, false);

    WorkUnit end = take(ledger, 0);
    ledger.finished(id(end));

    assertThat(verdict(end).getReason()).isEqualTo(FailureReason.CHANGED_WHILE_READ);
    assertThat(end.getHeader().getAttempt()).isEqualTo(2);
    assertThat(ledger.isDone()).isTrue();
  }

  @Test
  void failed_forAnotherReasonWhileOneChanged_failsTheModelByTheFirst() {
    planAll(ledger, Plans.ofUnits(0, "before", 2, 1));
    UnitId first = id(take(ledger, 0));
    UnitId second = id(take(ledger, 0));

    ledger.failed(first, new ModelFailure(FailureReason.UNREADABLE, "no"), false);
    ledger.failed(second, changed, false);

    assertThat(verdict(take(ledger, 0)).getReason()).isEqualTo(FailureReason.UNREADABLE);
  }

  @Test
  void failed_asChangedInARunThatEndsEarly_failsTheModel() {
    planAll(ledger, Plans.ofUnits(0, "before", 1));
    UnitId unit = id(take(ledger, 0));

    ledger.endEarly();
    ledger.failed(unit, changed, false);

    assertThat(verdict(take(ledger, 0)).getReason()).isEqualTo(FailureReason.CHANGED_WHILE_READ);
  }

  @Test
  void finished_ofAnEarlierAttempt_countsNothing() {
    planAll(ledger, Plans.ofUnits(0, "before", 2, 1));
    UnitId before = id(take(ledger, 0));
    ledger.failed(before, changed, false);
    planAll(ledger, Plans.ofUnits(0, "after", 1));
    UnitId after = id(take(ledger, 0));

    ledger.finished(before);
    ledger.failed(before, changed, false);
    ledger.returned(before);

    assertThat(ledger.take(0)).isEmpty();
    ledger.finished(after);
    assertThat(ledger.isDone()).isTrue();
  }

  @Test
  void restored_whileAChangedModelIsStillOut_startsAgainOnce() throws Exception {
    planAll(ledger, Plans.ofUnits(0, "before", 2, 1));
    UnitId first = id(take(ledger, 0));
    UnitId second = id(take(ledger, 1));
    ledger.failed(first, changed, false);

    UnitLedger restored = ledger(1, WINDOW, noRetries(), saved(ledger), 2, true);
    back(restored, 0);
    back(restored, 1, second);
    planAll(restored, Plans.ofUnits(0, "after", 1));
    UnitLedger twice = ledger(1, WINDOW, noRetries(), saved(restored), 1, true);
    back(twice, 0);
    planAll(twice, Plans.ofUnits(0, "after", 1));
    WorkUnit again = take(twice, 0);
    twice.failed(id(again), changed, false);

    assertThat(id(again).attempt()).isEqualTo(2);
    assertThat(verdict(take(twice, 0)).getReason()).isEqualTo(FailureReason.CHANGED_WHILE_READ);
  }

  @Test
  void planned_otherwiseThanBeforeACrash_startsAgain() throws Exception {
    planAll(ledger, Plans.ofUnits(0, "before", 2, 1));
    ledger.finished(id(take(ledger, 0)));

    UnitLedger restored = ledger(1, WINDOW, noRetries(), saved(ledger), 1, true);
    back(restored, 0);
    planAll(restored, Plans.ofUnits(0, "after", 2, 1));
    assertThat(restored.take(0)).isEmpty();
    planAll(restored, Plans.ofUnits(0, "after", 2, 1));

    assertThat(id(take(restored, 0))).isEqualTo(new UnitId(0, 2, 0));
  }

  private static EnumeratorState saved(UnitLedger ledger) throws Exception {
    EnumeratorStateSerializer serializer = new EnumeratorStateSerializer();
    return serializer.deserialize(serializer.getVersion(), serializer.serialize(ledger.save(1)));
  }
}
