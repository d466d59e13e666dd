package dev.countersign.source.units;

import java.io.Serializable;

/**
 * The identity of a work unit.
 *
 * @param entryId position of its model in the run's catalog
 * @param attempt the attempt at the model, from 1
 * @param unit its number among the model's units, from 0
 */
public record UnitId(long entryId, int attempt, int unit) implements Serializable {

  /** Stands in for a unit's number where planning the model is meant. */
  public static final int PLAN = -1;
}
