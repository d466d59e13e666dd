package dev.countersign.source;

import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Verdict;
import dev.countersign.schemas.WorkUnit;
import java.util.ArrayList;

/** Makes the two kinds of work unit that read nothing. */
final class WorkUnits {

  private WorkUnits() {}

  /** A unit that holds nothing yet; its lists may be added to. */
  static WorkUnit empty(ModelHeader header, int unit, int unitCount) {
    return WorkUnit.newBuilder()
        .setHeader(header)
        .setUnit(unit)
        .setUnitCount(unitCount)
        .setRanges(new ArrayList<>())
        .setDifferences(new ArrayList<>())
        .build();
  }

  /** The unit that ends a model of {@code unitCount} units; it is numbered behind them. */
  static WorkUnit verdict(ModelHeader header, int unitCount, Verdict verdict) {
    WorkUnit unit = empty(header, unitCount, unitCount);
    unit.setVerdict(verdict);
    return unit;
  }
}
