package dev.countersign.source;

import dev.countersign.schemas.WorkUnit;
import org.apache.flink.api.connector.source.SourceSplit;

/**
 * A work unit as Flink moves it. Equal if entry, attempt and unit are equal, whatever else the unit
 * holds: a checkpoint keeps only that identity.
 *
 * @param unit what to do; not modified after this is made
 */
public record ModelSplit(WorkUnit unit) implements SourceSplit {

  UnitId id() {
    return new UnitId(unit.getHeader().getEntryId(), unit.getHeader().getAttempt(), unit.getUnit());
  }

  @Override
  public String splitId() {
    UnitId id = id();
    return id.entryId() + ":" + id.attempt() + ":" + id.unit();
  }

  /** This split without what it would take to read it, for a checkpoint. */
  ModelSplit identity() {
    return new ModelSplit(WorkUnits.empty(unit.getHeader(), unit.getUnit(), unit.getUnitCount()));
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
    return "ModelSplit[" + splitId() + "]";
  }
}
