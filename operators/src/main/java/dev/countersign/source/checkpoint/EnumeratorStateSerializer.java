package dev.countersign.source.checkpoint;

import dev.countersign.schemas.EnumeratorState;
import dev.countersign.source.units.AvroCodec;
import java.util.function.Function;

/** The enumerator's state as bytes in a checkpoint. */
public class EnumeratorStateSerializer extends AvroCodec<EnumeratorState, EnumeratorState> {

  public EnumeratorStateSerializer() {
    super(EnumeratorState.class, "the enumerator", Function.identity(), Function.identity());
  }
}
