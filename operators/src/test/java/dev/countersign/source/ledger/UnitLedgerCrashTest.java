package dev.countersign.source.ledger;

import static dev.countersign.source.ledger.LedgerCalls.had;
import static dev.countersign.source.ledger.LedgerCalls.id;
import static dev.countersign.source.ledger.LedgerCalls.ledger;
import static dev.countersign.source.ledger.LedgerCalls.noRetries;
import static dev.countersign.source.ledger.LedgerCalls.planAll;
import static dev.countersign.source.ledger.LedgerCalls.take;
import static dev.countersign.source.ledger.LedgerCalls.verdict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.checkpoint.EnumeratorStateSerializer;
import dev.countersign.source.checkpoint.UnitJournal;
import dev.countersign.source.signals.RunSession;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.UnitId;
import dev.countersign.source.units.WindowSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ledger's decisions about units whose reader was lost: each row of its table. */
final class UnitLedgerCrashTest {

  private static final WindowSettings WINDOW = new WindowSettings(2, 1 << 20, 1, 64, 10, 1 << 20);

  @Test
  void readerBack_inTheProcessThatHadTheUnit_chargesNothing() {
    UnitLedger ledger = ledgerOf("survivor", "victim-0");
    for (int failover = 1; failover <= 4; failover++) {
      UnitId large = id(take(ledger, 0));
      loseBoth(ledger, large);
      ledger.readerBack(1, "victim-" + failover, List.of());
      ledger.readerBack(0, "survivor", List.of());
    }

    assertThat(take(ledger, 0).getVerdict()).isNull();
  }

  @Test
  void readerBack_ofTheSameProcessAsAnotherReader_chargesNothing() {
    UnitLedger ledger = ledgerOf("survivor", "victim-0");
    for (int failover = 1; failover <= 4; failover++) {
      int reader = failover % 2 == 0 ? 1 : 0;
      UnitId large = id(take(ledger, reader));
      loseBoth(ledger, large);
      ledger.readerBack(reader, "victim-" + failover, List.of());
      ledger.readerBack(1 - reader, "survivor", List.of());
    }

    assertThat(take(ledger, 0).getVerdict()).isNull();
  }

  @Test
  void readerBack_afterFourProcessesThatAnnouncedTheirEnd_chargesNothing() {
    UnitLedger ledger = ledgerOf("evicted-0", "survivor");
    for (int eviction = 1; eviction <= 4; eviction++) {
      UnitId large = id(take(ledger, 0));
      LostReaders.leaves("evicted-" + (eviction - 1));
      loseBoth(ledger, large);
      ledger.readerBack(0, "evicted-" + eviction, List.of());
      ledger.readerBack(1, "survivor", List.of());
    }

    assertThat(take(ledger, 0).getVerdict()).isNull();
  }

  @Test
  void readerBack_afterFourProcessesThatDisappeared_failsTheModel() {
    UnitLedger ledger = ledgerOf("dead-0", "survivor");
    for (int crash = 1; crash <= 4; crash++) {
      UnitId large = id(take(ledger, 0));
      loseBoth(ledger, large);
      ledger.readerBack(0, "dead-" + crash, List.of());
      ledger.readerBack(1, "survivor", List.of());
    }

    assertThat(verdict(take(ledger, 0)).getReason()).isEqualTo(FailureReason.CRASHED_WORKER);
  }

  @Test
  void readerBack_inAProcessThatSeemedToDisappear_takesTheChargeBack() {
    UnitLedger ledger = ledgerOf("idle-0", "survivor");
    for (int failover = 1; failover <= 4; failover++) {
      UnitId large = id(take(ledger, 0));
      loseBoth(ledger, large);
      // The process lives on, without a reader, and gets one again at the next failover.
      ledger.readerBack(0, "idle-" + failover % 2, List.of());
      ledger.readerBack(1, "survivor", List.of());
    }

    assertThat(take(ledger, 0).getVerdict()).isNull();
  }

  /** The first is out at the only checkpoint, or neither is; some lives end before they begin. */
  @ParameterizedTest
  @CsvSource({"true, false", "true, true", "false, false", "false, true"})
  void restored_betweenTwoModelsThatKillTheirProcess_failsBoth(
      boolean outAtCheckpoint, boolean cutShort) {
    RunSession session = new RunSession("session");
    String run = "killers-" + outAtCheckpoint + cutShort;
    UnitLedger ledger =
        new UnitLedger(2, WINDOW, noRetries(), null, 1, false, UnitJournal.of(run, session));
    ledger.readerBack(0, "process-0", List.of());
    planAll(ledger, Plans.ofUnits(0, 100), Plans.ofUnits(1, 100));
    List<ModelSplit> reported = outAtCheckpoint ? had("process-0", id(take(ledger, 0))) : List.of();
    EnumeratorState saved = ledger.save(1);

    Set<Long> failed = new HashSet<>();
    for (int process = 1; failed.size() < 2; process++) {
      assertThat(process).as("processes that ended").isLessThanOrEqualTo(10);
      if (cutShort) {
        ledger =
            new UnitLedger(2, WINDOW, noRetries(), saved, 1, true, UnitJournal.of(run, session));
        planAll(ledger, Plans.ofUnits(0, 100), Plans.ofUnits(1, 100));
      }
      ledger = new UnitLedger(2, WINDOW, noRetries(), saved, 1, true, UnitJournal.of(run, session));
      ledger.readerBack(0, "process-" + process, reported);
      planAll(ledger, Plans.ofUnits(0, 100), Plans.ofUnits(1, 100));
      Optional<WorkUnit> unit = ledger.take(0);
      while (unit.isPresent() && unit.get().getVerdict() != null) {
        failed.add(id(unit.get()).entryId());
        ledger.finished(id(unit.get()));
        unit = ledger.take(0);
      }
    }

    assertThat(failed).containsExactlyInAnyOrder(0L, 1L);
  }

  @Test
  void restored_afterAVerdictThatNoCheckpointHas_failsTheModelAgain() {
    RunSession session = new RunSession("session");
    UnitLedger ledger =
        new UnitLedger(1, WINDOW, noRetries(), null, 1, false, UnitJournal.of("verdict", session));
    ledger.readerBack(0, "process-0", List.of());
    planAll(ledger, Plans.ofUnits(0, 100));
    UnitId unit = id(take(ledger, 0));
    EnumeratorState saved = ledger.save(1);
    UnitId last = unit;
    for (int process = 1; process <= 5; process++) {
      ledger.readerLost(0);
      ledger.returned(last);
      ledger.readerBack(0, "process-" + process, had("process-0", unit));
      last = id(take(ledger, 0));
      assertThat(last.equals(unit)).isEqualTo(process < 4);
    }

    ledger =
        new UnitLedger(1, WINDOW, noRetries(), saved, 1, true, UnitJournal.of("verdict", session));
    ledger.readerBack(0, "process-6", had("process-0", unit));
    planAll(ledger, Plans.ofUnits(0, 100));

    assertThat(verdict(take(ledger, 0)).getReason()).isEqualTo(FailureReason.CRASHED_WORKER);
  }

  @Test
  void restored_inAProcessThatLivedOnAndDisappearedLater_chargesNothing() {
    RunSession session = new RunSession("session");
    UnitLedger ledger =
        new UnitLedger(1, WINDOW, noRetries(), null, 1, false, UnitJournal.of("lived-on", session));
    EnumeratorState saved = ledger.save(1);
    ledger.readerBack(0, "process-0", List.of());

    for (int failover = 1; failover <= 5; failover++) {
      planAll(ledger, Plans.ofUnits(0, 100));
      if (failover < 5) {
        id(take(ledger, 0));
      }
      ledger =
          new UnitLedger(
              1, WINDOW, noRetries(), saved, 1, true, UnitJournal.of("lived-on", session));
      // It had the unit before the failover that it outlived, and none when it ended.
      ledger.readerBack(0, "process-" + (failover - 1), List.of());
      ledger =
          new UnitLedger(
              1, WINDOW, noRetries(), saved, 1, true, UnitJournal.of("lived-on", session));
      ledger.readerBack(0, "process-" + failover, List.of());
    }
    planAll(ledger, Plans.ofUnits(0, 100));

    assertThat(take(ledger, 0).getVerdict()).isNull();
  }

  @Test
  void restored_withAUnitThatWasFinishedSinceTheCheckpoint_chargesNothing() {
    RunSession session = new RunSession("session");
    UnitJournal journal = UnitJournal.of("finished-since", session);
    UnitLedger ledger = new UnitLedger(1, WINDOW, noRetries(), null, 1, false, journal);
    ledger.readerBack(0, "process-0", List.of());
    planAll(ledger, Plans.ofUnits(0, 100));

    for (int crash = 1; crash <= 4; crash++) {
      UnitId unit = id(take(ledger, 0));
      EnumeratorState saved = ledger.save(crash);
      ledger.finished(unit);
      journal = UnitJournal.of("finished-since", session);
      ledger = new UnitLedger(1, WINDOW, noRetries(), saved, 1, true, journal);
      ledger.readerBack(0, "process-" + crash, had("process-" + (crash - 1), unit));
      ledger.planned(Plans.ofUnits(0, 100));
      ledger.checkpointCompleted(crash);
    }

    assertThat(take(ledger, 0).getVerdict()).isNull();
  }

  @Test
  void restored_inTheSameSession_chargesWhatAProcessHadThatIsGone() throws Exception {
    assertThat(verdictAfterRestarts(true, false)).isTrue();
  }

  @Test
  void restored_inTheSameSessionAndProcess_chargesNothing() throws Exception {
    assertThat(verdictAfterRestarts(true, true)).isFalse();
  }

  @Test
  void restored_inAnotherSession_chargesNothing() throws Exception {
    assertThat(verdictAfterRestarts(false, false)).isFalse();
  }

  @Test
  void restored_inAnotherSession_keepsEarlierChargesAndAddsItsOwn() {
    UnitLedger before = ledgerOf("dead-0", "survivor");
    for (int crash = 1; crash <= 2; crash++) {
      UnitId large = id(take(before, 0));
      loseBoth(before, large);
      before.readerBack(0, "dead-" + crash, List.of());
      before.readerBack(1, "survivor", List.of());
    }
    UnitId large = id(take(before, 0));
    UnitLedger ledger = ledger(1, WINDOW, noRetries(), before.save(1), 2, false);
    ledger.readerBack(0, "other-0", had("dead-2", large));
    ledger.readerBack(1, "other-1", List.of());
    planAll(ledger, Plans.ofUnits(0, 100));

    for (int crash = 2; crash <= 3; crash++) {
      assertThat(id(take(ledger, 0))).isEqualTo(large);
      loseBoth(ledger, large);
      ledger.readerBack(0, "other-" + crash, List.of());
      ledger.readerBack(1, "other-1", List.of());
      ledger.checkpointCompleted(crash);
    }

    assertThat(verdict(take(ledger, 0)).getMessage()).contains("4 times");
  }

  @Test
  void startedAnewInTheSameSession_chargesWhatEndedProcessesBeforeAnyCheckpoint(
      @TempDir Path folder) {
    RunSession session = new RunSession("0", folder.resolve("units").toString());
    for (int start = 1; start <= 4; start++) {
      assertThat(firstUnit(session, start, null).getVerdict()).isNull();
    }

    WorkUnit last = firstUnit(session, 5, null);

    assertThat(verdict(last).getReason()).isEqualTo(FailureReason.CRASHED_WORKER);
  }

  @Test
  void restoredInTheSameSession_chargesWhatEndedProcessesSinceTheCheckpoint(@TempDir Path folder) {
    RunSession session = new RunSession("0", folder.resolve("units").toString());
    EnumeratorState saved = ledgerOf("process-0", "process-0").save(1);
    for (int start = 1; start <= 4; start++) {
      assertThat(firstUnit(session, start, saved).getVerdict()).isNull();
    }

    WorkUnit last = firstUnit(session, 5, saved);

    assertThat(verdict(last).getReason()).isEqualTo(FailureReason.CRASHED_WORKER);
  }

  @Test
  void startedAnewInAnotherSession_chargesNothing(@TempDir Path folder) {
    for (int start = 1; start <= 5; start++) {
      RunSession session = new RunSession("" + start, folder.resolve("units").toString());
      assertThat(firstUnit(session, start, null).getVerdict()).isNull();
    }
  }

  @Test
  void startedAnew_whereTheNumberIsAnotherModels_chargesItWithNothing(@TempDir Path folder) {
    RunSession session = new RunSession("0", folder.resolve("units").toString());
    for (int start = 1; start <= 4; start++) {
      assertThat(firstUnit(session, start, null).getVerdict()).isNull();
    }
    UnitLedger ledger =
        new UnitLedger(
            1, WINDOW, noRetries(), null, 1, false, UnitJournal.of(folder + "-5", session));
    ledger.readerBack(0, "process-5", List.of());
    planAll(ledger, Plans.ofUnits(0, "another", 100));

    assertThat(take(ledger, 0).getVerdict()).isNull();
  }

  @Test
  void journal_whoseChargesACheckpointHas_forgetsThem(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("units");
    RunSession session = new RunSession("0", file.toString());
    firstUnit(session, 1, null);
    UnitJournal journal = UnitJournal.of(folder + "-2", session);
    UnitLedger ledger = new UnitLedger(1, WINDOW, noRetries(), null, 1, false, journal);
    ledger.readerBack(0, "process-2", List.of());
    planAll(ledger, Plans.ofUnits(0, 100));
    UnitId unit = id(take(ledger, 0));
    EnumeratorState unused = ledger.save(1);
    ledger.checkpointCompleted(1);
    String after = Files.readString(file);
    ledger.finished(unit);

    assertThat(after)
        .containsPattern("\\+ 0 1 0 fingerprint#\\p{XDigit}{64} process-2")
        .doesNotContain("process-1");
    assertThat(Files.readString(file)).endsWith("- 0 1 0\n");
  }

  /** What the only reader gets in a process of its own, which is killed then. */
  private static WorkUnit firstUnit(
      RunSession session, int start, @Nullable EnumeratorState saved) {
    UnitJournal journal = UnitJournal.of(session.journal() + start, session);
    UnitLedger ledger = new UnitLedger(1, WINDOW, noRetries(), saved, 1, saved != null, journal);
    if (start % 2 == 0) {
      planAll(ledger, Plans.ofUnits(0, 100));
      ledger.readerBack(0, "process-" + start, List.of());
    } else {
      ledger.readerBack(0, "process-" + start, List.of());
      planAll(ledger, Plans.ofUnits(0, 100));
    }
    return take(ledger, 0);
  }

  /** Restarts from a checkpoint four times while a unit is in progress; whether it fails then. */
  private static boolean verdictAfterRestarts(boolean sameSession, boolean sameProcess)
      throws Exception {
    EnumeratorStateSerializer serializer = new EnumeratorStateSerializer();
    UnitLedger ledger = ledgerOf("process-0", "process-0");
    WorkUnit unit = take(ledger, 0);
    for (int restart = 1; restart <= 4; restart++) {
      assertThat(unit.getVerdict()).isNull();
      EnumeratorState saved =
          serializer.deserialize(
              serializer.getVersion(), serializer.serialize(ledger.save(restart)));
      ledger = ledger(1, WINDOW, noRetries(), saved, 1, sameSession);
      String before = sameProcess ? "process-0" : "process-" + (restart - 1);
      ledger.readerBack(0, sameProcess ? "process-0" : "process-" + restart, had(before, id(unit)));
      planAll(ledger, Plans.ofUnits(0, 100));
      ledger.checkpointCompleted(restart + 1L);
      unit = take(ledger, 0);
    }
    return unit.getVerdict() != null;
  }

  /** A ledger with one unit, and two readers in these processes. */
  private static UnitLedger ledgerOf(String first, String second) {
    UnitLedger ledger = ledger(1, WINDOW, noRetries());
    ledger.readerBack(0, first, List.of());
    ledger.readerBack(1, second, List.of());
    planAll(ledger, Plans.ofUnits(0, 100));
    return ledger;
  }

  /** As Flink does at a failover: it returns what was assigned since the checkpoint. */
  private static void loseBoth(UnitLedger ledger, UnitId unit) {
    ledger.readerLost(0);
    ledger.readerLost(1);
    ledger.returned(unit);
  }
}
