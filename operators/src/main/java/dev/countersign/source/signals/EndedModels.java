package dev.countersign.source.signals;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The models of this JVM's watches that have a result, on their way from whoever counts results to
 * a reader of that run, which passes them on to its enumerator; why this way, {@link EarlyEnds}
 * says. What nobody has taken when its run ends is dropped. Thread safe.
 */
public final class EndedModels {

  private static final Map<String, Run> RUNS = new HashMap<>();

  private EndedModels() {}

  /** One run; it is known while somebody tells or listens. */
  private static final class Run {
    private final Queue<EndedModel> waiting = new ArrayDeque<>();
    private final Map<Object, Runnable> listeners = new HashMap<>();
    private int tellers;
  }

  /** Begins to tell of a run's models; {@link #end} has to follow. */
  public static void begin(String runId) {
    synchronized (RUNS) {
      run(runId).tellers++;
    }
  }

  /** Tells of a model. */
  public static void tell(String runId, EndedModel model) {
    synchronized (RUNS) {
      Run run = run(runId);
      run.waiting.add(model);
      run.listeners.values().forEach(Runnable::run);
    }
  }

  /** Ends what {@link #begin} began. */
  public static void end(String runId) {
    synchronized (RUNS) {
      Run run = run(runId);
      run.tellers--;
      forgetIfUnused(runId, run);
    }
  }

  /**
   * Has a listener told, on any thread, that there is something to take.
   *
   * @param owner identifies the listener; {@link #forget} takes the same
   * @param listener must not wait for anything
   */
  public static void listen(String runId, Object owner, Runnable listener) {
    synchronized (RUNS) {
      Run run = run(runId);
      run.listeners.put(owner, listener);
      if (!run.waiting.isEmpty()) {
        listener.run();
      }
    }
  }

  /** Takes the next model; null if there is none. */
  public static @Nullable EndedModel poll(String runId) {
    synchronized (RUNS) {
      Run run = RUNS.get(runId);
      return run == null ? null : run.waiting.poll();
    }
  }

  /** Ends what {@link #listen} began. */
  public static void forget(String runId, Object owner) {
    synchronized (RUNS) {
      Run run = run(runId);
      run.listeners.remove(owner);
      forgetIfUnused(runId, run);
    }
  }

  private static Run run(String runId) {
    return RUNS.computeIfAbsent(runId, id -> new Run());
  }

  private static void forgetIfUnused(String runId, Run run) {
    if (run.tellers <= 0 && run.listeners.isEmpty()) {
      RUNS.remove(runId);
    }
  }
}
