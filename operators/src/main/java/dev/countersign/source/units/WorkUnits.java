package dev.countersign.source.units;

import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.Verdict;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.storage.StoredFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import org.apache.avro.Schema;

/** Makes work units that read nothing, copies of others, and the ranges of listed files. */
public final class WorkUnits {

  private static final ByteBuffer NONE = ByteBuffer.allocate(0).asReadOnlyBuffer();

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

  /** The whole file. */
  public static UnitRange whole(StoredFile file) {
    return shard(file, 0, Resource.WHOLE);
  }

  /** One shard of a file; {@code end} is exclusive. */
  public static UnitRange shard(StoredFile file, long start, long end) {
    UnitRange range = new UnitRange();
    range.setName(file.name());
    range.setPath(file.path().equals(file.name()) ? null : file.path());
    range.setRoot(file.root());
    range.setStart(start);
    range.setEnd(end);
    range.setLength(file.length());
    range.setVersion(file.version());
    range.setExpected(NONE);
    range.setExpectedPieces(1);
    range.setModified(file.modifiedMillis());
    range.setKnown(NONE);
    return range;
  }

  /** Where the shard that starts at {@code start} ends, exclusive. */
  public static long shardEnd(StoredFile file, long start, Serialization serialization) {
    return start + Math.min(serialization.shardSize(), file.length() - start);
  }
}
