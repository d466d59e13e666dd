package dev.countersign.source.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.outcome.FailureLimit;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Verdict;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.checkpoint.UnitJournal;
import dev.countersign.source.signals.RunSession;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.UnitId;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.source.units.WorkUnits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/** What tests of the ledger do with it again and again. */
final class LedgerCalls {

  private LedgerCalls() {}

  /** Tries nothing again. */
  static UnitQueue noRetries() {
    return new UnitQueue(FaultSettings.defaults().with(0, FailureLimit.NONE), () -> 0, () -> 0);
  }

  /**
   * Has a reader start, in another process each time, that reports units of a process that is gone.
   */
  static void back(UnitLedger ledger, int reader, UnitId... reported) {
    ledger.readerBack(reader, UUID.randomUUID().toString(), had("gone", reported));
  }

  /** What a reader reports that {@code process} had at a checkpoint. */
  static List<ModelSplit> had(String process, UnitId... units) {
    List<ModelSplit> splits = new ArrayList<>();
    for (UnitId id : units) {
      ModelHeader header = Plans.header(id.entryId());
      header.setAttempt(id.attempt());
      splits.add(new ModelSplit(WorkUnits.empty(header, id.unit(), 1)).identity(process));
    }
    return splits;
  }

  /** Takes the only unit and loses its reader's process, {@code times} times. */
  static UnitId crash(UnitLedger ledger, int times) {
    UnitId unit = null;
    back(ledger, 0);
    for (int i = 0; i < times; i++) {
      unit = id(take(ledger, 0));
      ledger.readerLost(0);
      ledger.returned(unit);
      back(ledger, 0);
    }
    return unit;
  }

  /** Answers planning requests with these plans, by entry. */
  static void planAll(UnitLedger ledger, ModelPlan... plans) {
    List<Long> asked = new ArrayList<>();
    for (int i = 0; i < plans.length; i++) {
      OptionalLong next = ledger.nextToPlan(Long.MAX_VALUE);
      assertThat(next).isPresent();
      asked.add(next.getAsLong());
    }
    for (ModelPlan plan : plans) {
      assertThat(asked).contains(plan.header().getEntryId());
      ledger.planned(plan);
    }
  }

  static WorkUnit take(UnitLedger ledger, int reader) {
    Optional<WorkUnit> unit = ledger.take(reader);
    assertThat(unit).isPresent();
    return unit.orElseThrow();
  }

  static Verdict verdict(WorkUnit unit) {
    assertThat(unit.getVerdict()).isNotNull();
    return unit.getVerdict();
  }

  static UnitId id(WorkUnit unit) {
    return new ModelSplit(unit).id();
  }

  /** A journal in memory that nobody else finds. */
  private static UnitJournal journal() {
    return UnitJournal.of("test", new RunSession(UUID.randomUUID().toString()));
  }

  /** A ledger of a run that begins, with a journal in memory. */
  static UnitLedger ledger(long entries, WindowSettings window, UnitQueue retries) {
    return new UnitLedger(entries, window, retries, null, 0, false, journal());
  }

  /** A ledger that resumes from a checkpoint, with a journal in memory. */
  static UnitLedger ledger(
      long entries,
      WindowSettings window,
      UnitQueue retries,
      EnumeratorState saved,
      int readers,
      boolean sameSession) {
    return new UnitLedger(entries, window, retries, saved, readers, sameSession, journal());
  }
}
