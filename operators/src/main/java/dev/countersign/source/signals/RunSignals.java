package dev.countersign.source.signals;

import dev.countersign.source.signals.ReaderEvent.EndedModel;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Signals of the task that counts a run's results to the readers of that run in this JVM, which
 * pass them on to their enumerator: that the run is to end early, and which models of a watch have
 * a result. What no reader has taken when its run ends is dropped.
 *
 * <p>Why through the JVM: results are behind the readers in the graph, and a graph has no way back.
 * The one task that counts shares its slot with one of the readers, since all of a run's tasks are
 * in one slot sharing group and no stage has more tasks than the source; so one reader always hears
 * it. Thread safe.
 */
public final class RunSignals {

  private static final Map<String, Run> RUNS = new HashMap<>();

  private RunSignals() {}

  /** One run; it is known while somebody counts or listens. */
  private static final class Run {
    private final Queue<EndedModel> ended = new ArrayDeque<>();
    private final Map<Object, Runnable> listeners = new HashMap<>();
    private int counting;
    private boolean endsEarly;
  }

  /** Begins to count a run's results; {@link #end} has to follow. */
  public static void begin(String runId) {
    synchronized (RUNS) {
      run(runId).counting++;
    }
  }

  /** Ends what {@link #begin} began, and takes back {@link #endEarly}: the task may begin again. */
  public static void end(String runId) {
    synchronized (RUNS) {
      Run run = run(runId);
      run.counting--;
      run.endsEarly &= run.counting > 0;
      forgetIfUnused(runId, run);
    }
  }

  /** Has a run end early. */
  public static void endEarly(String runId) {
    synchronized (RUNS) {
      Run run = run(runId);
      run.endsEarly = true;
      run.listeners.values().forEach(Runnable::run);
    }
  }

  /** Tells that a model has a result. */
  public static void tell(String runId, EndedModel model) {
    synchronized (RUNS) {
      Run run = run(runId);
      run.ended.add(model);
      run.listeners.values().forEach(Runnable::run);
    }
  }

  /**
   * Has a listener told, on any thread, that a run is to end early or that there is a model to
   * take, also if that is so already.
   *
   * @param owner identifies the listener; {@link #forget} takes the same
   * @param listener must not wait for anything
   */
  public static void listen(String runId, Object owner, Runnable listener) {
    synchronized (RUNS) {
      Run run = run(runId);
      run.listeners.put(owner, listener);
      if (run.endsEarly || !run.ended.isEmpty()) {
        listener.run();
      }
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

  /** Tells whether a run is to end early. */
  public static boolean endsEarly(String runId) {
    synchronized (RUNS) {
      Run run = RUNS.get(runId);
      return run != null && run.endsEarly;
    }
  }

  /** Takes the next model that has a result; null if there is none. */
  public static @Nullable EndedModel poll(String runId) {
    synchronized (RUNS) {
      Run run = RUNS.get(runId);
      return run == null ? null : run.ended.poll();
    }
  }

  private static Run run(String runId) {
    return RUNS.computeIfAbsent(runId, id -> new Run());
  }

  private static void forgetIfUnused(String runId, Run run) {
    if (run.counting <= 0 && run.listeners.isEmpty()) {
      RUNS.remove(runId);
    }
  }
}
