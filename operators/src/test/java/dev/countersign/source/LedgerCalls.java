package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.Verdict;
import dev.countersign.schemas.WorkUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What tests of the ledger do with it again and again. */
final class LedgerCalls {

  private LedgerCalls() {}

  /** Tries nothing again. */
  static Retries noRetries() {
    return new Retries(FaultSettings.defaults().with(0, FailureLimit.NONE), () -> 0, () -> 0);
  }

  /** Takes the only unit and loses its reader, {@code times} times. */
  static UnitId crash(UnitLedger ledger, int times) {
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
}
