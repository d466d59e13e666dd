package dev.countersign.source;

import dev.countersign.schemas.EnumeratorState;

/** The enumerator's state as bytes in a checkpoint. */
final class EnumeratorStateSerializer extends AvroCodec<EnumeratorState, EnumeratorState> {

  EnumeratorStateSerializer() {
    super(EnumeratorState.class, "the enumerator");
  }

  @Override
  EnumeratorState toRecord(EnumeratorState value) {
    return value;
  }

  @Override
  EnumeratorState fromRecord(EnumeratorState datum) {
    return datum;
  }
}
