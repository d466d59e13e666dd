package dev.countersign.source.ledger;

import static dev.countersign.source.ledger.LedgerCalls.back;
import static dev.countersign.source.ledger.LedgerCalls.id;
import static dev.countersign.source.ledger.LedgerCalls.ledger;
import static dev.countersign.source.ledger.LedgerCalls.noRetries;
import static dev.countersign.source.ledger.LedgerCalls.planAll;
import static dev.countersign.source.ledger.LedgerCalls.take;
import static dev.countersign.source.ledger.LedgerCalls.verdict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.faults.LibraryFaults;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.checkpoint.EnumeratorStateSerializer;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.UnitId;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.storage.StorageException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What the ledger makes of faults that may pass, by a clock of the test's own. */
final class UnitLedgerRetryTest {

  private static final WindowSettings WINDOW = new WindowSettings(2, 1 << 20, 1, 64, 10, 1 << 20);
  private final ModelFailure lost =
      new ModelFailure(FailureReason.UNREADABLE, "The connection was lost.");

  private final AtomicLong clock = new AtomicLong(1_000_000);
  private final UnitQueue retries = retries();

  @Test
  void failed_forAFaultThatMayPass_goesOutAgainAfterAPauseThatDoubles() {
    UnitLedger ledger = ledger(1, WINDOW, retries);
    planAll(ledger, Plans.ofUnits(0, 1));
    UnitId unit = id(take(ledger, 0));

    for (long pause : new long[] {1_000, 2_000, 4_000}) {
      assertThat(ledger.failed(unit, lost, true)).isEmpty();
      assertThat(retries.untilNext()).hasValue(pause);
      assertThat(ledger.unitsWaiting()).isEqualTo(1);
      assertThat(ledger.unitsAssigned()).isZero();
      clock.addAndGet(pause - 1);
      assertThat(ledger.take(0)).isEmpty();
      clock.addAndGet(1);
      assertThat(id(take(ledger, 1))).isEqualTo(unit);
    }
    ledger.finished(unit);

    assertThat(ledger.isDone()).isTrue();
    assertThat(retries.retries()).isEqualTo(3);
    assertThat(retries.untilNext()).isEmpty();
  }

  @Test
  void take_ofAUnitThatIsTriedAgain_saysHowOftenItWas() {
    UnitLedger ledger = ledger(1, WINDOW, retries);
    planAll(ledger, Plans.ofUnits(0, 2, 1));
    UnitId first = id(take(ledger, 0));
    WorkUnit second = take(ledger, 0);

    ledger.failed(first, lost, true);
    clock.addAndGet(1_000);
    ledger.failed(id(take(ledger, 0)), lost, true);
    clock.addAndGet(2_000);

    assertThat(take(ledger, 0).getRetries()).isEqualTo(2);
    assertThat(second.getRetries()).isZero();
  }

  @Test
  void failed_moreOftenThanAllowed_failsTheModelAndSaysHowOften() {
    UnitLedger ledger = ledger(1, WINDOW, retries);
    planAll(ledger, Plans.ofUnits(0, 1));

    for (int i = 0; i < 4; i++) {
      ledger.failed(id(take(ledger, 0)), lost, true);
      clock.addAndGet(30_000);
    }

    WorkUnit end = take(ledger, 0);
    assertThat(verdict(end).getReason()).isEqualTo(FailureReason.UNREADABLE);
    assertThat(verdict(end).getMessage()).isEqualTo("The connection was lost. Tried 4 times.");
    assertThat(end.getRetries()).isEqualTo(3);
  }

  @Test
  void failed_forAFaultThatStays_failsTheModelAtOnce() {
    UnitLedger ledger = ledger(1, WINDOW, retries);
    planAll(ledger, Plans.ofUnits(0, 1));

    ledger.failed(id(take(ledger, 0)), lost, false);

    assertThat(verdict(take(ledger, 0)).getMessage()).isEqualTo("The connection was lost.");
    assertThat(retries.retries()).isZero();
  }

  @Test
  void failed_withoutRetries_saysNothingOfTries() {
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 1));

    ledger.failed(id(take(ledger, 0)), lost, true);

    assertThat(verdict(take(ledger, 0)).getMessage()).isEqualTo("The connection was lost.");
  }

  @Test
  void failed_ofAModelThatIsDecided_isNotTriedAgain() {
    UnitLedger ledger = ledger(1, WINDOW, retries);
    planAll(ledger, Plans.ofUnits(0, 2, 1));
    UnitId first = id(take(ledger, 0));
    UnitId second = id(take(ledger, 0));

    ledger.failed(first, lost, false);
    ledger.failed(second, lost, true);

    assertThat(retries.untilNext()).isEmpty();
    assertThat(take(ledger, 0).getVerdict()).isNotNull();
  }

  @Test
  void failed_whileAnotherUnitRests_dropsThatOne() {
    UnitLedger ledger = ledger(1, WINDOW, retries);
    planAll(ledger, Plans.ofUnits(0, 2, 1));
    UnitId first = id(take(ledger, 0));
    UnitId second = id(take(ledger, 0));

    ledger.failed(first, lost, true);
    ledger.failed(second, lost, false);
    UnitId end = id(take(ledger, 0));
    clock.addAndGet(1_000);

    assertThat(ledger.take(0)).isEmpty();
    ledger.finished(end);
    assertThat(ledger.isDone()).isTrue();
  }

  @Test
  void failed_ofASuspectThatRunsAlone_letsOthersRunMeanwhile() {
    UnitLedger ledger = ledger(2, WINDOW, retries);
    planAll(ledger, Plans.ofUnits(0, 100));
    UnitId suspect = LedgerCalls.crash(ledger, 3);
    assertThat(id(take(ledger, 0))).isEqualTo(suspect);

    ledger.failed(suspect, lost, true);
    planAll(ledger, Plans.ofUnits(1, 1));
    UnitId other = id(take(ledger, 0));
    clock.addAndGet(1_000);

    assertThat(other.entryId()).isEqualTo(1);
    assertThat(ledger.take(0)).as("suspects run alone").isEmpty();
    ledger.finished(other);
    assertThat(id(take(ledger, 0))).isEqualTo(suspect);
  }

  @Test
  void planned_asAFaultThatMayPass_isPlannedAgainAfterAPause() {
    UnitLedger ledger = ledger(2, WINDOW, retries);
    planAll(ledger, unreachable(0));

    assertThat(ledger.nextToPlan(Long.MAX_VALUE)).as("others go on").hasValue(1);
    assertThat(ledger.nextToPlan(Long.MAX_VALUE)).isEmpty();
    assertThat(ledger.isDone()).isFalse();
    clock.addAndGet(1_000);
    planAll(ledger, Plans.ofUnits(0, 1));

    WorkUnit unit = take(ledger, 0);
    assertThat(unit.getHeader().getEntryId()).isZero();
    assertThat(unit.getRetries()).isEqualTo(1);
  }

  @Test
  void planned_moreOftenThanAllowed_failsTheModelAndSaysHowOften() {
    UnitLedger ledger = ledger(1, WINDOW, retries);
    for (int i = 0; i < 4; i++) {
      planAll(ledger, unreachable(0));
      clock.addAndGet(30_000);
    }

    assertThat(verdict(take(ledger, 0)).getMessage())
        .isEqualTo("The store is busy. Tried 4 times.");
    assertThat(ledger.nextToPlan(Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void restored_whileThingsRest_triesThemAtOnceAndGoesOnCounting() throws Exception {
    UnitLedger before = ledger(2, WINDOW, retries);
    planAll(before, unreachable(0));
    planAll(before, Plans.ofUnits(1, 1));
    before.failed(id(take(before, 0)), lost, true);
    EnumeratorStateSerializer serializer = new EnumeratorStateSerializer();
    EnumeratorState saved =
        serializer.deserialize(serializer.getVersion(), serializer.serialize(before.save(1)));

    UnitLedger ledger = ledger(2, WINDOW, retries(), saved, 1, true);
    back(ledger, 0);
    planAll(ledger, Plans.ofUnits(0, 5), Plans.ofUnits(1, 1));

    assertThat(take(ledger, 0).getRetries()).isEqualTo(1);
    UnitId read = id(take(ledger, 0));
    assertThat(read.entryId()).isEqualTo(1);
    for (int i = 0; i < 2; i++) {
      ledger.failed(read, lost, true);
      clock.addAndGet(30_000);
      assertThat(id(take(ledger, 0))).isEqualTo(read);
    }
    ledger.failed(read, lost, true);
    assertThat(verdict(take(ledger, 0)).getMessage()).endsWith("Tried 4 times.");
  }

  private UnitQueue retries() {
    // No jitter: half of the pause is certain, and all but a hair of the other half is drawn.
    return new UnitQueue(FaultSettings.defaults(), clock::get, () -> 1.0);
  }

  private static ModelPlan unreachable(long entryId) {
    return ModelPlan.failed(
        Plans.header(entryId),
        LibraryFaults.failureOf(
            new StorageException(
                StorageException.Kind.UNREADABLE, "s3a://b", "The store is busy.", true, null)));
  }
}
