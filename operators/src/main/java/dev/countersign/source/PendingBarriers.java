package dev.countersign.source;

import java.util.HashMap;
import java.util.Map;

/**
 * Which readers have yet to pass the barrier of a checkpoint that the enumerator's state is already
 * part of. Nothing may be sent to them meanwhile.
 *
 * <p>Flink would keep such a message back until the reader has passed the barrier. If the reader is
 * lost before that, the message stays unanswered for ever: {@code subtaskReset} replaces the
 * subtask's gateway without emptying it. The next checkpoint waits for that answer until it
 * expires, after ten minutes unless set otherwise, and all that time nothing is handed out to
 * anyone.
 *
 * <p>Used by the coordinator's thread only.
 */
final class PendingBarriers {

  private final Map<Integer, Long> checkpoints = new HashMap<>();

  /**
   * All readers, 0 (inclusive) to {@code readers} (exclusive), have this checkpoint before them.
   */
  void begin(long checkpointId, int readers) {
    for (int reader = 0; reader < readers; reader++) {
      checkpoints.merge(reader, checkpointId, Long::max);
    }
  }

  /** A reader has passed the barrier of this checkpoint, and with it those of all before. */
  void passed(int reader, long checkpointId) {
    checkpoints.computeIfPresent(reader, (key, pending) -> pending > checkpointId ? pending : null);
  }

  /** A checkpoint is completed or given up, for all readers. */
  void over(long checkpointId) {
    checkpoints.values().removeIf(pending -> pending <= checkpointId);
  }

  /** A reader that has begun anew has no barrier before it. */
  void begunAnew(int reader) {
    checkpoints.remove(reader);
  }

  boolean isBefore(int reader) {
    return checkpoints.containsKey(reader);
  }
}
