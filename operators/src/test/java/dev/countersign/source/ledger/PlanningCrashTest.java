package dev.countersign.source.ledger;

import static dev.countersign.source.ledger.LedgerCalls.crash;
import static dev.countersign.source.ledger.LedgerCalls.id;
import static dev.countersign.source.ledger.LedgerCalls.noRetries;
import static dev.countersign.source.ledger.LedgerCalls.planAll;
import static dev.countersign.source.ledger.LedgerCalls.take;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.checkpoint.UnitJournal;
import dev.countersign.source.signals.RunSession;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.UnitId;
import dev.countersign.source.units.WindowSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the ledger does with models whose planning may have ended the process. */
@Timeout(120)
final class PlanningCrashTest {

  private static final WindowSettings WINDOW = new WindowSettings(8, 1 << 20, 1, 64, 10, 1 << 20);

  @TempDir Path folder;

  private final List<WorkUnit> verdicts = new ArrayList<>();
  private int processes;
  private boolean clustered;

  @AfterEach
  void beThisProcessAgain() {
    System.clearProperty("dev.countersign.process.planner");
  }

  @Test
  void nextToPlan_afterACrash_plansWhatWasBeingPlannedOneAtATime() {
    UnitLedger crashed = process("0");
    assertThat(begin(crashed)).containsExactly(0L, 1L, 2L, 3L);
    crashed.planned(Plans.ofUnits(0, 10));
    crashed.planned(Plans.ofUnits(3, 10));

    UnitLedger ledger = process("0");

    assertThat(begin(ledger)).as("was planned").containsExactly(0L);
    ledger.planned(Plans.ofUnits(0, 10));
    assertThat(begin(ledger)).as("a suspect beside a plan that takes memory").isEmpty();
    finish(ledger);
    assertThat(begin(ledger)).containsExactly(1L);
    assertThat(ledger.take(0)).as("a unit beside a suspect").isEmpty();
    ledger.planned(Plans.ofUnits(1, 10));
    finish(ledger);
    assertThat(begin(ledger)).containsExactly(2L);
    ledger.planned(Plans.ofUnits(2, 10));
    finish(ledger);
    assertThat(begin(ledger)).containsExactly(3L);
  }

  @Test
  void chargePlan_thatEndedThreeProcesses_failsTheModelAlone() {
    assertFailsAlone(3);

    assertThat(verdicts.get(0).getVerdict().getMessage())
        .startsWith("Listing /models/2 or checking its bundle ended the process 3 times");
  }

  /** Requires that model 2 fails, and no other, when it has ended so many processes. */
  private void assertFailsAlone(int processes) {
    int crashes = 0;
    UnitLedger ledger = process("0");
    while (endsPlanning(ledger, 2)) {
      assertThat(++crashes).isLessThanOrEqualTo(processes);
      ledger = process("0");
    }

    assertThat(crashes).isEqualTo(processes);
    assertThat(verdicts)
        .singleElement()
        .satisfies(
            unit -> {
              assertThat(unit.getHeader().getEntryId()).isEqualTo(2);
              assertThat(unit.getVerdict().getReason()).isEqualTo(FailureReason.CRASHED_WORKER);
            });
  }

  /** The first job manager writes no model, and its end tells the next one to do so. */
  @Test
  void chargePlan_thatEndedFourJobManagers_failsTheModelAlone() {
    clustered = true;

    assertFailsAlone(4);
  }

  @Test
  void nextToPlan_afterTwoJobManagersEnded_plansWhatWasBeingPlannedOneAtATime() {
    clustered = true;
    assertThat(begin(process("0"))).hasSize(4);
    UnitLedger second = process("0");
    assertThat(begin(second)).as("nothing was written").hasSize(4);
    second.planned(Plans.ofUnits(0, 10));
    second.checkpointCompleted(1);

    UnitLedger third = process("0");

    assertThat(begin(third)).as("was planned").containsExactly(0L);
    third.planned(Plans.ofUnits(0, 10));
    finish(third);
    assertThat(begin(third)).containsExactly(1L);
    third.planned(Plans.ofUnits(1, 10));
    finish(third);
    UnitLedger fourth = process("0");
    assertThat(begin(fourth)).as("was planned alone").containsExactly(0L, 1L);
  }

  @Test
  void chargePlan_asLongAsNoProcessEndsWithIt_isNotCharged() {
    for (int crash = 1; crash <= 5; crash++) {
      assertThat(endsPlanning(process("0"), 0)).isTrue();
      assertThat(endsPlanning(process("0"), -1)).isFalse();
    }

    finish(process("0"));
    assertThat(verdicts).isEmpty();
  }

  @Test
  void nextToPlan_afterAStopInGoodOrder_plansAllAtOnce() {
    UnitLedger stopped = process("0");
    assertThat(begin(stopped)).hasSize(4);

    assertThat(begin(process("1"))).hasSize(4);
  }

  @Test
  void nextToPlan_inTheProcessThatPlannedBefore_plansAllAtOnce() {
    UnitLedger replaced = process("0");
    assertThat(begin(replaced)).hasSize(4);

    UnitLedger ledger = inThisProcess("0");
    ledger.readerBack(0, "reader", List.of());

    assertThat(begin(ledger)).hasSize(4);
  }

  @Test
  void nextToPlan_whereTheNumberIsAnotherModels_chargesItWithNothing() {
    UnitLedger crashed = process("0");
    OptionalLong first = crashed.nextToPlan(4);
    crashed.planTurn(first.orElseThrow(), "/models/of another number").begins();

    UnitLedger ledger = process("0");
    assertThat(begin(ledger)).as("alone, to be sure").containsExactly(0L);
    ledger.planned(Plans.ofUnits(0, 10));

    assertThat(begin(ledger)).hasSize(3);
  }

  @Test
  void take_whileASuspectIsNotThereYet_goesOn() {
    UnitLedger crashed = process("0");
    planAll(crashed, Plans.ofUnits(0, 10));
    crashed.planTurn(crashed.nextToPlan(2).orElseThrow(), "/models/1").begins();

    UnitLedger ledger = process("0");
    assertThat(ledger.nextToPlan(1)).hasValue(0);
    ledger.planned(Plans.ofUnits(0, 10));
    assertThat(ledger.nextToPlan(1)).as("no such model was found yet").isEmpty();

    assertThat(ledger.take(0)).isPresent();
  }

  @Test
  void take_ofAUnitThatMustRunAlone_waitsForPlansInProgress() {
    UnitLedger ledger = LedgerCalls.ledger(3, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 10));
    crash(ledger, 3);
    assertThat(ledger.nextToPlan(3)).hasValue(1);
    assertThat(ledger.take(0)).as("while a model is planned").isEmpty();

    ledger.planned(Plans.ofUnits(1, 10));
    ledger.finished(id(take(ledger, 0)));

    assertThat(take(ledger, 0).getHeader().getEntryId()).isZero();
    assertThat(ledger.nextToPlan(3)).as("beside it").isEmpty();
  }

  /** It may wait for the memory that the plan of that unit's model has. */
  @Test
  void take_ofAUnitThatMustRunAlone_waitsForNoPlanThatWaitsForMemory() throws Exception {
    UnitLedger ledger = LedgerCalls.ledger(3, WINDOW, noRetries());
    planAll(ledger, Plans.ofUnits(0, 10));
    crash(ledger, 3);
    assertThat(ledger.nextToPlan(3)).hasValue(1);
    PlanTurn turn = ledger.planTurn(1, "/models/1");
    turn.begins();
    assertThat(ledger.take(0)).as("while a model is planned").isEmpty();
    turn.waits();

    UnitId suspect = id(take(ledger, 0));

    assertThat(suspect.entryId()).isZero();
    Thread planner = new Thread(turn::begins);
    planner.start();
    while (planner.getState() != Thread.State.WAITING) {
      assertThat(planner.isAlive()).as("waits while the unit runs alone").isTrue();
      Thread.sleep(1);
    }
    ledger.finished(suspect);
    planner.join();
    assertThat(ledger.nextToPlan(3)).hasValue(2);
  }

  /** Plans all models but for one whose planning ends the process; tells whether that began. */
  private boolean endsPlanning(UnitLedger ledger, long killer) {
    for (List<Long> begun = begin(ledger); !begun.isEmpty(); begun = begin(ledger)) {
      if (begun.contains(killer)) {
        return true;
      }
      begun.forEach(entry -> ledger.planned(Plans.ofUnits(entry, 10)));
      finish(ledger);
    }
    return false;
  }

  /** Has all models planned that may be now. */
  private static List<Long> begin(UnitLedger ledger) {
    List<Long> begun = new ArrayList<>();
    for (OptionalLong next = ledger.nextToPlan(4); next.isPresent(); next = ledger.nextToPlan(4)) {
      long entry = next.getAsLong();
      Optional<ModelFailure> failure = ledger.chargePlan(entry, "/models/" + entry);
      if (failure.isPresent()) {
        ledger.planned(ModelPlan.failed(Plans.header(entry), failure.get()));
      } else {
        ledger.planTurn(entry, "/models/" + entry).begins();
        begun.add(entry);
      }
    }
    return begun;
  }

  /** Has a reader do all that there is to do. */
  private void finish(UnitLedger ledger) {
    for (Optional<WorkUnit> unit = ledger.take(0); unit.isPresent(); unit = ledger.take(0)) {
      if (unit.get().getVerdict() != null) {
        verdicts.add(unit.get());
      }
      ledger.finished(new ModelSplit(unit.get()).id());
    }
  }

  /** A ledger of four models in a new process, after the one before was killed. */
  private UnitLedger process(String session) {
    System.setProperty("dev.countersign.process.planner", "process-" + ++processes);
    UnitLedger ledger = inThisProcess(session);
    ledger.readerBack(0, "reader", List.of());
    return ledger;
  }

  private UnitLedger inThisProcess(String session) {
    RunSession files =
        clustered
            ? new RunSession(session).sharing(folder.toString())
            : new RunSession(session, folder.resolve("units").toString());
    UnitJournal journal = UnitJournal.of(folder + " " + processes, files);
    return new UnitLedger(4, WINDOW, noRetries(), null, 1, false, journal);
  }
}
