package dev.countersign.source;

import dev.countersign.schemas.WorkUnit;

/** Splits as bytes, on their way to a reader and in its checkpoints. */
final class ModelSplitSerializer extends AvroCodec<WorkUnit, ModelSplit> {

  ModelSplitSerializer() {
    super(WorkUnit.class, "a work unit");
  }

  @Override
  WorkUnit toRecord(ModelSplit value) {
    return value.unit();
  }

  @Override
  ModelSplit fromRecord(WorkUnit datum) {
    return new ModelSplit(datum);
  }
}
