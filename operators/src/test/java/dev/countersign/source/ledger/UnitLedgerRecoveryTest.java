package dev.countersign.source.ledger;

import static dev.countersign.source.ledger.LedgerCalls.back;
import static dev.countersign.source.ledger.LedgerCalls.had;
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
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.checkpoint.EnumeratorStateSerializer;
import dev.countersign.source.units.UnitId;
import dev.countersign.source.units.WindowSettings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the ledger makes of readers that are lost and come back, and of a restart. */
final class UnitLedgerRecoveryTest {

  private static final WindowSettings WINDOW = new WindowSettings(2, 1 << 20, 1, 64, 10, 1 << 20);

  @Test
  void returned_whileOut_goesOutAgain() {
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 1));
    WorkUnit lost = take(ledger, 0);

    ledger.readerLost(0);
    ledger.returned(id(lost));
    back(ledger, 0);

    assertThat(id(take(ledger, 1))).isEqualTo(id(lost));
  }

  @Test
  void take_whileALostReaderIsNotBack_givesNothing() {
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 2, 1));
    UnitId first = id(take(ledger, 0));
    ledger.readerLost(0);
    ledger.readerLost(1);
    ledger.returned(first);

    back(ledger, 1);

    assertThat(ledger.take(1)).isEmpty();
    back(ledger, 0, first);
    assertThat(id(take(ledger, 1))).isEqualTo(first);
  }

  @Test
  void returned_byFlinkAndByItsReader_goesOutOnceAndCountsOneCrash() {
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 1));
    UnitId unit = id(take(ledger, 0));
    for (int crash = 0; crash < 2; crash++) {
      ledger.readerLost(0);
      ledger.readerLost(1);
      ledger.returned(unit);
      back(ledger, 1);
      back(ledger, 0, unit);
      assertThat(id(take(ledger, 1))).isEqualTo(unit);
      assertThat(ledger.take(0)).isEmpty();
    }

    ledger.finished(unit);

    assertThat(ledger.unitsAssigned()).isZero();
    assertThat(ledger.isDone()).isTrue();
  }

  @Test
  void readerBack_withoutReportingAUnit_meansThatItWasEmitted() {
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 1));
    take(ledger, 0);

    ledger.readerLost(0);
    assertThat(ledger.isDone()).isFalse();
    back(ledger, 0);

    assertThat(ledger.isDone()).isTrue();
  }

  @Test
  void readerBack_reportingAUnit_handsItOutAgainEvenIfItWasFinished() {
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 2, 1));
    WorkUnit unit = take(ledger, 0);
    ledger.finished(id(unit));

    ledger.readerLost(0);
    back(ledger, 0, id(unit));

    assertThat(id(take(ledger, 0))).isEqualTo(id(unit));
  }

  @Test
  void returned_ofAModelThatWasRevivedAndDoneAgain_revivesItOnceMore() {
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 1));
    UnitId unit = id(take(ledger, 0));
    ledger.finished(unit);
    ledger.readerLost(0);
    back(ledger, 0, unit);
    planAll(ledger, Plans.ofUnits(0, 1));
    take(ledger, 0);

    // The unit is in the reader's part of the checkpoint, and done when that is complete.
    assertThat(ledger.save(1).getWindow()).hasSize(1);
    ledger.finished(unit);
    ledger.checkpointCompleted(1);
    ledger.readerLost(0);
    back(ledger, 0, unit);

    assertThat(ledger.nextToPlan(Long.MAX_VALUE)).hasValue(0);
  }

  @Test
  void returned_ofAModelThatWasDone_revivesItAndPlansAgain() {
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 2, 1));
    UnitId first = id(take(ledger, 0));
    UnitId second = id(take(ledger, 0));
    ledger.finished(first);
    ledger.finished(second);
    ledger.readerLost(0);

    ledger.returned(second);
    back(ledger, 0);

    assertThat(ledger.isDone()).isFalse();
    assertThat(ledger.isBegun(0)).isTrue();
    planAll(ledger, Plans.ofUnits(0, 2, 1));
    assertThat(id(take(ledger, 1))).isEqualTo(second);
    assertThat(ledger.take(1)).isEmpty();
    ledger.finished(second);
    assertThat(ledger.isDone()).isTrue();
  }

  @Test
  void returned_ofAModelWhoseListingIsAnother_isReadAgainFromItsStart() {
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, "before", 1));
    UnitId unit = id(take(ledger, 0));
    ledger.finished(unit);
    ledger.readerLost(0);
    ledger.returned(unit);
    back(ledger, 0);

    planAll(ledger, Plans.ofUnits(0, "after", 1));
    planAll(ledger, Plans.ofUnits(0, "after", 1));

    assertThat(taken(ledger)).containsExactly("2 file0");
  }

  @Test
  void isDone_whileALostReaderMayStillReport_doesNotHold() {
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 1));
    UnitId unit = id(take(ledger, 0));
    ledger.finished(unit);
    ledger.readerLost(0);
    ledger.readerLost(1);

    back(ledger, 1);
    assertThat(ledger.isDone()).isFalse();
    back(ledger, 0);

    assertThat(ledger.isDone()).isTrue();
  }

  @Test
  void isDone_whenAReaderHadFinishedBeforeTheCheckpoint_holdsWithoutIt() {
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 1));
    ledger.finished(id(take(ledger, 0)));
    EnumeratorState saved = ledger.save(1);
    ledger.checkpointCompleted(1);
    ledger.readerLost(0);
    ledger.readerLost(1);

    back(ledger, 1);

    assertThat(ledger.isDone()).isTrue();
    assertThat(ledger(1, WINDOW, noRetries(), saved, 2, true).isDone()).isTrue();
  }

  @Test
  void restored_beforeAllReadersAreBack_handsOutNothing() {
    UnitLedger before = ledger(1, WINDOW, noRetries());
    planAll(before, Plans.ofUnits(0, 3, 2, 1));
    UnitId finished = id(take(before, 0));
    UnitId reported = id(take(before, 0));
    before.finished(finished);
    UnitLedger ledger = ledger(1, WINDOW, noRetries(), before.save(1), 2, true);
    planAll(ledger, Plans.ofUnits(0, 3, 2, 1));

    assertThat(ledger.take(0)).isEmpty();
    back(ledger, 0, reported);
    assertThat(ledger.take(0)).isEmpty();
    back(ledger, 1);

    assertThat(id(take(ledger, 0)).unit()).isEqualTo(2);
    assertThat(ledger.take(0)).as("waits for its crash count to be saved").isEmpty();
    ledger.checkpointCompleted(2);
    assertThat(id(take(ledger, 0))).isEqualTo(reported);
  }

  @Test
  void restored_withAUnitThatNoReaderReports_countsItAsEmitted() {
    UnitLedger before = ledger(1, WINDOW, noRetries());
    planAll(before, Plans.ofUnits(0, 1));
    take(before, 0);
    UnitLedger ledger = ledger(1, WINDOW, noRetries(), before.save(1), 1, true);
    planAll(ledger, Plans.ofUnits(0, 1));

    back(ledger, 0);

    assertThat(ledger.isDone()).isTrue();
  }

  @Test
  void restored_afterACrashThatWasSaved_goesOnCounting() throws Exception {
    EnumeratorStateSerializer serializer = new EnumeratorStateSerializer();
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 1));
    UnitId unit = id(take(ledger, 0));
    for (int crash = 1; crash <= 4; crash++) {
      EnumeratorState saved = serializer.deserialize(1, serializer.serialize(ledger.save(crash)));
      ledger = ledger(1, WINDOW, noRetries(), saved, 1, true);
      ledger.readerBack(0, "process-" + crash, had("process-" + (crash - 1), unit));
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
    UnitLedger before = ledger(1, WINDOW, noRetries());
    planAll(before, Plans.ofUnits(0, 1));
    before.failed(
        id(take(before, 0)), new ModelFailure(FailureReason.UNREADABLE, "no such sector"), false);
    UnitLedger ledger = ledger(1, WINDOW, noRetries(), before.save(1), 1, true);

    back(ledger, 0);

    assertThat(verdict(take(ledger, 0)).getMessage()).isEqualTo("no such sector");
  }

  /** Its unit that is finished has other files than the unit of that number has now. */
  @Test
  void restored_withAPlanOfAsManyOtherUnits_readsTheModelAgainInAnotherAttempt() {
    List<UnitRange> ranges = List.of(Plans.range("a", 1), Plans.range("b", 1), Plans.range("c", 1));
    List<UnitRange> others = List.of(Plans.range("b", 1), Plans.range("c", 1), Plans.range("a", 1));
    UnitLedger before = ledger(1, WINDOW, noRetries());
    planAll(before, Plans.ofUnits(0, "content", ranges));
    before.finished(id(take(before, 0)));
    UnitId reported = id(take(before, 0));
    EnumeratorState saved = before.save(1);

    UnitLedger same = ledger(1, WINDOW, noRetries(), saved, 1, false);
    planAll(same, Plans.ofUnits(0, "content", ranges));
    back(same, 0, reported);
    UnitLedger ledger = ledger(1, WINDOW, noRetries(), saved, 1, false);
    planAll(ledger, Plans.ofUnits(0, "content", others));
    assertThat(ledger.weight()).as("of a plan that waits for readers").isPositive();
    back(ledger, 0, reported);

    assertThat(taken(same)).containsExactlyInAnyOrder("1 b", "1 c");
    assertThat(taken(ledger)).containsExactlyInAnyOrder("2 b", "2 c", "2 a");
    ledger.returned(reported);
    assertThat(ledger.take(0)).as("a unit of the attempt before").isEmpty();
    for (int unit = 0; unit < 3; unit++) {
      assertThat(ledger.isDone()).isFalse();
      ledger.finished(new UnitId(0, 2, unit));
    }
    assertThat(ledger.isDone()).isTrue();
    assertThat(ledger.weight()).isZero();
  }

  /** Versions before this one did not say which units they had cut a model into. */
  @Test
  void restored_fromAnEarlierVersion_readsTheModelAgain() {
    UnitLedger before = ledger(1, WINDOW, noRetries());
    planAll(before, Plans.ofUnits(0, "content", 1, 1));
    before.finished(id(take(before, 0)));
    EnumeratorState saved = before.save(1);
    saved.getWindow().get(0).setFingerprint("content");
    EnumeratorState ofAnother = EnumeratorState.newBuilder(saved).build();
    ofAnother.getWindow().get(0).setFingerprint("other content");

    UnitLedger ledger = ledger(1, WINDOW, noRetries(), saved, 1, false);
    planAll(ledger, Plans.ofUnits(0, "content", 1, 1));
    back(ledger, 0);
    UnitLedger changed = ledger(1, WINDOW, noRetries(), ofAnother, 1, false);
    planAll(changed, Plans.ofUnits(0, "content", 1, 1));
    back(changed, 0);

    assertThat(taken(ledger)).containsExactlyInAnyOrder("2 file0", "2 file1");
    assertThat(taken(changed)).isEmpty();
    planAll(changed, Plans.ofUnits(0, "content", 1, 1));
    assertThat(taken(changed)).containsExactlyInAnyOrder("2 file0", "2 file1");
  }

  /** Takes all that can be taken: attempt and first file of each unit. */
  private static List<String> taken(UnitLedger ledger) {
    List<String> taken = new ArrayList<>();
    for (var unit = ledger.take(0); unit.isPresent(); unit = ledger.take(0)) {
      WorkUnit work = unit.get();
      taken.add(work.getHeader().getAttempt() + " " + work.getRanges().get(0).getName());
    }
    return taken;
  }

  @Test
  void planned_ofAModelThatChangedAndWasEmitted_givesNoSecondResult() {
    UnitLedger before = ledger(1, WINDOW, noRetries());
    planAll(before, Plans.ofUnits(0, "as it was", 1));
    take(before, 0);
    UnitLedger emitted = ledger(1, WINDOW, noRetries(), before.save(1), 1, true);
    UnitLedger reported = ledger(1, WINDOW, noRetries(), before.save(1), 1, true);
    UnitLedger gone = ledger(1, WINDOW, noRetries(), before.save(1), 1, true);

    planAll(emitted, Plans.ofUnits(0, "changed", 1));
    planAll(gone, Plans.failing(0));
    planAll(reported, Plans.ofUnits(0, "changed", 1));
    back(emitted, 0);
    back(gone, 0);
    back(reported, 0, new UnitId(0, 1, 0));
    reported.checkpointCompleted(2);

    assertThat(emitted.isDone()).isTrue();
    assertThat(gone.isDone()).isTrue();
    planAll(reported, Plans.ofUnits(0, "changed", 1));
    assertThat(taken(reported)).containsExactly("2 file0");
  }
}
