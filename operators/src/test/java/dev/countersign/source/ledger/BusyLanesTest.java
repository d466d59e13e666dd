package dev.countersign.source.ledger;

import static dev.countersign.source.ledger.LedgerCalls.ledger;
import static dev.countersign.source.ledger.LedgerCalls.noRetries;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.UnitId;
import dev.countersign.source.units.WindowSettings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every lane has a unit with the default settings, while plans take their time. */
final class BusyLanesTest {

  private static final int LANES = 2;

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 10000", "16, 1", "800, 1", "800, 7", "800, 10000"})
  void lanes_ofAnyClusterAndModelsOfAnySize_neverWait(int readers, int units) {
    int room = LANES + 1;
    int steps = 3 * readers * room;
    long models = 2L * room * readers + steps + 8;
    WindowSettings window = WindowSettings.defaults().fitting(readers, room);
    UnitLedger ledger = ledger(models, window, noRetries());
    long[] sizes = LongStream.rangeClosed(1, units).toArray();
    Queue<Long> planning = new ArrayDeque<>();
    List<Queue<UnitId>> out = new ArrayList<>();
    while (begin(ledger, planning)) {
      plan(ledger, planning, sizes);
    }
    for (int reader = 0; reader < readers; reader++) {
      out.add(new ArrayDeque<>());
      for (int unit = 0; unit < room; unit++) {
        take(ledger, reader, out.get(reader));
      }
    }

    int idle = 0;
    for (int step = 0; step < steps; step++) {
      int reader = step % readers;
      Optional.ofNullable(out.get(reader).poll()).ifPresent(ledger::finished);
      boolean unused = begin(ledger, planning);
      if (planning.size() > readers) {
        // A plan takes as long as every reader takes for a unit.
        plan(ledger, planning, sizes);
      }
      take(ledger, reader, out.get(reader));
      idle += Math.max(0, LANES - out.get(reader).size());
    }

    assertThat(idle).as("lanes without a unit, summed up over all steps").isZero();
  }

  private static boolean begin(UnitLedger ledger, Queue<Long> planning) {
    for (OptionalLong next = ledger.nextToPlan(Long.MAX_VALUE);
        next.isPresent();
        next = ledger.nextToPlan(Long.MAX_VALUE)) {
      planning.add(next.getAsLong());
    }
    return !planning.isEmpty();
  }

  private static void plan(UnitLedger ledger, Queue<Long> planning, long[] sizes) {
    ledger.planned(Plans.ofUnits(planning.remove(), sizes));
  }

  private static void take(UnitLedger ledger, int reader, Queue<UnitId> out) {
    Optional<WorkUnit> unit = ledger.take(reader);
    unit.ifPresent(taken -> out.add(new ModelSplit(taken).id()));
  }
}
