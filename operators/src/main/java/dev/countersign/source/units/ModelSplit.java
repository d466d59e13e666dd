package dev.countersign.source.units;

import dev.countersign.schemas.WorkUnit;
import org.apache.flink.api.connector.source.SourceSplit;

/**
 * A work unit as Flink moves it. Equal if entry, attempt and unit are equal, whatever else the unit
 * holds: a checkpoint keeps only that identity.
 *
 * @param unit what to do; emptied by the enumerator once Flink has serialized it for a reader
 */
public record ModelSplit(WorkUnit unit) implements SourceSplit {

  private static final String SPLIT_ID = "units";

  public UnitId id() {
    return new UnitId(unit.getHeader().getEntryId(), unit.getHeader().getAttempt(), unit.getUnit());
  }

  /**
   * The same for all, and not the identity. Flink has an output, clocks and metrics for each id
   * that a reader ever saw: memory that is never given back whole (the groups of metrics stay), and
   * work at each change of back pressure that grows with the units that are done.
   */
  @Override
  public String splitId() {
    return SPLIT_ID;
  }

  /**
   * This split without what it would take to read it, for a checkpoint.
   *
   * @param process the process that has it
   */
  public ModelSplit identity(String process) {
    WorkUnit identity = WorkUnits.empty(unit.getHeader(), unit.getUnit(), unit.getUnitCount());
    identity.setProcess(process);
    return new ModelSplit(identity);
  }

  /** The process that had this split at a checkpoint. */
  public String process() {
    return unit.getProcess();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ModelSplit split && split.id().equals(id());
  }

  @Override
  public int hashCode() {
    return id().hashCode();
  }

  /** The identity alone: Flink puts splits into texts, and a unit may hold a mebibyte of names. */
  @Override
  public String toString() {
    UnitId id = id();
    return "ModelSplit[" + id.entryId() + ":" + id.attempt() + ":" + id.unit() + "]";
  }

  /** Splits as bytes, on their way to a reader and in its checkpoints. */
  public static final class Serializer extends AvroCodec<WorkUnit, ModelSplit> {

    public Serializer() {
      super(WorkUnit.class, "a work unit", ModelSplit::unit, ModelSplit::new);
    }
  }
}
