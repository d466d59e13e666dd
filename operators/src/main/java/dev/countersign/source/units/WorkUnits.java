package dev.countersign.source.units;

import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Verdict;
import dev.countersign.schemas.WorkUnit;
import java.util.ArrayList;
import org.apache.avro.Schema;

/** Makes work units that read nothing, and copies of others. */
public final class WorkUnits {

  private WorkUnits() {}

  /** A unit that holds nothing yet; its lists may be added to. */
  public static WorkUnit empty(ModelHeader header, int unit, int unitCount) {
    return WorkUnit.newBuilder()
        .setHeader(header)
        .setUnit(unit)
        .setUnitCount(unitCount)
        .setRanges(new ArrayList<>())
        .setDifferences(new ArrayList<>())
        .build();
  }

  /** The unit that ends a model of {@code unitCount} units; it is numbered behind them. */
  public static WorkUnit verdict(ModelHeader header, int unitCount, Verdict verdict) {
    WorkUnit unit = empty(header, unitCount, unitCount);
    unit.setVerdict(verdict);
    return unit;
  }

  /** A copy that shares all values with {@code unit}. */
  public static WorkUnit copy(WorkUnit unit) {
    WorkUnit copy = new WorkUnit();
    for (Schema.Field field : unit.getSchema().getFields()) {
      copy.put(field.pos(), unit.get(field.pos()));
    }
    return copy;
  }

  /** Leaves nothing of {@code unit} but its identity. */
  public static void empty(WorkUnit unit) {
    WorkUnit empty = empty(unit.getHeader(), unit.getUnit(), unit.getUnitCount());
    for (Schema.Field field : unit.getSchema().getFields()) {
      unit.put(field.pos(), empty.get(field.pos()));
    }
  }
}
