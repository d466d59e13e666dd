package dev.countersign.source.planning;

/**
 * What may have been done with a model before the run fell back to an earlier time, so that a
 * bundle which is there may be the run's own.
 */
public enum EarlierWork {
  /** Nothing: whatever is there was there before the run. */
  NONE,
  /** The run was begun before, and may have come as far as this model. */
  POSSIBLE,
  /** The model was planned before, and was not to be passed over. */
  BEGUN
}
