package dev.countersign.source;

/**
 * What may have been done with a model before the run fell back to an earlier time, so that a
 * bundle which is there may be the run's own.
 */
enum EarlierWork {
  /** Nothing: whatever is there was there before the run. */
  NONE,
  /** The run was begun before, and may have come as far as this model. */
  POSSIBLE,
  /** The model was planned before, and was not to be passed over. */
  BEGUN
}
