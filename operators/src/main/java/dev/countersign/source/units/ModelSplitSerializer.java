package dev.countersign.source.units;

import dev.countersign.schemas.WorkUnit;

/** Splits as bytes, on their way to a reader and in its checkpoints. */
public final class ModelSplitSerializer extends AvroCodec<WorkUnit, ModelSplit> {

  public ModelSplitSerializer() {
    super(WorkUnit.class, "a work unit", ModelSplit::unit, ModelSplit::new);
  }
}
