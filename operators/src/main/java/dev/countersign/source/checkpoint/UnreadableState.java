package dev.countersign.source.checkpoint;

import dev.countersign.schemas.EnumeratorState;
import java.io.IOException;
import java.util.ArrayList;

/**
 * The state of an enumerator that cannot be read. Flink loses what is thrown while an enumerator is
 * restored, and the job would hang; so the enumerator is made with this, and tells at its start.
 */
public final class UnreadableState extends EnumeratorState {

  private static final long serialVersionUID = 1L;

  private final String fault;

  private UnreadableState(String fault) {
    this.fault = fault;
    setWindow(new ArrayList<>());
    setCatalog("");
  }

  /** Returns why it cannot be read, for people. */
  public String fault() {
    return fault;
  }

  /** Serializer of states that returns this instead of throwing when it reads. */
  public static final class Serializer extends EnumeratorStateSerializer {

    @Override
    public EnumeratorState deserialize(int version, byte[] serialized) {
      try {
        EnumeratorState state = super.deserialize(version, serialized);
        return state.getWatch() == null || WatchMemory.isWhole(state.getWatch().getMemory())
            ? state
            : new UnreadableState("Cannot restore the watch: its memory is damaged.");
      } catch (IOException e) {
        return new UnreadableState(String.valueOf(e.getMessage()));
      }
    }
  }
}
