package dev.countersign.source.ledger;

import static dev.countersign.source.ledger.LedgerCalls.back;
import static dev.countersign.source.ledger.LedgerCalls.id;
import static dev.countersign.source.ledger.LedgerCalls.ledger;
import static dev.countersign.source.ledger.LedgerCalls.noRetries;
import static dev.countersign.source.ledger.LedgerCalls.planAll;
import static dev.countersign.source.ledger.LedgerCalls.take;
import static dev.countersign.source.ledger.LedgerCalls.verdict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.outcome.FaultSettings;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.FailureReason;
import dev.countersign.source.checkpoint.EnumeratorStateSerializer;
import dev.countersign.source.ledger.UnitLedger.Cancellation;
import dev.countersign.source.signals.EnumeratorEvent;
import dev.countersign.source.units.UnitId;
import dev.countersign.source.units.WindowSettings;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How the ledger ends a run of which too many models failed. */
final class UnitLedgerEarlyEndTest {

  private static final WindowSettings WINDOW = new WindowSettings(4, 1 << 20, 1, 64, 10, 1 << 20);
  private final ModelFailure lost = new ModelFailure(FailureReason.UNREADABLE, "Lost.");

  @Test
  void endEarly_letsModelsEndThatAreWithReadersAndBeginsNoOther() {
    UnitLedger ledger = ledger(9, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 100), Plans.ofUnits(1, 1), Plans.failing(2));
    UnitId verdictOf2 = id(take(ledger, 0));
    UnitId out = id(take(ledger, 1));

    List<Cancellation> inVain = ledger.endEarly();

    assertThat(verdictOf2.entryId()).isEqualTo(2);
    assertThat(inVain).isEmpty();
    assertThat(ledger.take(0)).isEmpty();
    assertThat(ledger.nextToPlan(Long.MAX_VALUE)).isEmpty();
    assertThat(ledger.isDone()).isFalse();
    ledger.finished(out);
    ledger.finished(verdictOf2);
    assertThat(ledger.isDone()).isTrue();
    assertThat(ledger.modelsDone()).isEqualTo(2);
    assertThat(ledger.unitsAssigned()).isZero();
  }

  @Test
  void endEarly_ofAModelThatReadersHavePartOf_cancelsIt() {
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 4, 3, 2, 1));
    UnitId finished = id(take(ledger, 0));
    UnitId first = id(take(ledger, 1));
    UnitId second = id(take(ledger, 1));
    ledger.finished(finished);

    List<Cancellation> inVain = ledger.endEarly();

    assertThat(inVain).containsExactly(new Cancellation(1, new EnumeratorEvent.CancelModel(0, 1)));
    assertThat(ledger.unitsAssigned()).isZero();
    assertThat(ledger.isDone()).isTrue();
    ledger.finished(first);
    ledger.failed(second, lost, true);
    assertThat(ledger.unitsAssigned()).isZero();
    assertThat(ledger.take(0)).isEmpty();
  }

  @Test
  void endEarly_ofAModelThatFailedWhileRead_stillTellsItsVerdict() {
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 2, 1));
    ledger.failed(id(take(ledger, 0)), lost, false);

    ledger.endEarly();

    assertThat(verdict(take(ledger, 0)).getMessage()).isEqualTo("Lost.");
  }

  @Test
  void failed_afterTheEnd_isNotTriedAgain() {
    UnitQueue retries = new UnitQueue(FaultSettings.defaults(), () -> 0, () -> 0);
    UnitLedger ledger = ledger(1, WINDOW, retries);
    planAll(ledger, Plans.ofUnits(0, 1));
    UnitId unit = id(take(ledger, 0));
    ledger.endEarly();

    ledger.failed(unit, lost, true);

    assertThat(retries.untilNext()).isEmpty();
    assertThat(verdict(take(ledger, 0)).getMessage()).isEqualTo("Lost.");
  }

  @Test
  void endEarly_ofWhatRestsAndWhatIsBeingPlanned_forgetsIt() {
    AtomicLong clock = new AtomicLong();
    UnitQueue retries = new UnitQueue(FaultSettings.defaults(), clock::get, () -> 0);
    UnitLedger ledger = ledger(2, WINDOW, retries);
    planAll(ledger, Plans.ofUnits(0, 1));
    ledger.failed(id(take(ledger, 0)), lost, true);
    assertThat(ledger.nextToPlan(Long.MAX_VALUE)).hasValue(1);

    ledger.endEarly();
    ledger.planned(Plans.ofUnits(1, 1));
    clock.addAndGet(60_000);

    assertThat(ledger.take(0)).isEmpty();
    assertThat(retries.untilNext()).isEmpty();
    assertThat(ledger.isDone()).isTrue();
  }

  @Test
  void returned_afterTheEnd_isForgottenIfItsModelWasDroppedAndDoneAgainIfNot() {
    UnitLedger ledger = ledger(2, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 3, 2), Plans.ofUnits(1, 9));
    UnitId kept = id(take(ledger, 0));
    UnitId dropped = id(take(ledger, 0));
    ledger.finished(kept);
    ledger.endEarly();

    ledger.readerLost(0);
    ledger.returned(dropped);
    ledger.returned(kept);
    back(ledger, 0);
    planAll(ledger, Plans.ofUnits(1, 9));

    assertThat(id(take(ledger, 0))).isEqualTo(kept);
    assertThat(ledger.take(0)).isEmpty();
  }

  @Test
  void restored_afterTheEnd_endsWithWhatIsLeft() throws Exception {
    UnitLedger before = ledger(9, WINDOW, noRetries());
    planAll(before, Plans.ofUnits(0, 2, 1), Plans.ofUnits(1, 3));
    UnitId kept = id(take(before, 0));
    UnitId dropped = id(take(before, 0));
    before.endEarly();
    EnumeratorStateSerializer serializer = new EnumeratorStateSerializer();
    EnumeratorState saved =
        serializer.deserialize(serializer.getVersion(), serializer.serialize(before.save(1)));

    UnitLedger ledger = ledger(9, WINDOW, noRetries(), saved, 1, true);
    back(ledger, 0, kept, dropped);

    assertThat(kept.entryId()).isEqualTo(1);
    planAll(ledger, Plans.ofUnits(1, 3));
    assertThat(ledger.nextToPlan(Long.MAX_VALUE)).isEmpty();
    ledger.checkpointCompleted(2);
    ledger.finished(id(take(ledger, 0)));
    assertThat(ledger.isDone()).isTrue();
  }
}
