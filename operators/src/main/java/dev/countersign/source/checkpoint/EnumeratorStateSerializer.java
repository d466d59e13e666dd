package dev.countersign.source.checkpoint;

import dev.countersign.schemas.EnumeratorState;
import dev.countersign.source.units.AvroCodec;

/** The enumerator's state as bytes in a checkpoint. */
public final class EnumeratorStateSerializer extends AvroCodec<EnumeratorState, EnumeratorState> {

  public EnumeratorStateSerializer() {
    super(EnumeratorState.class, "the enumerator");
  }

  @Override
  public EnumeratorState toRecord(EnumeratorState value) {
    return value;
  }

  @Override
  public EnumeratorState fromRecord(EnumeratorState datum) {
    return datum;
  }
}
