package dev.countersign.source.signals;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which runs of this JVM are to end early. Whoever counts a run's results calls for it; the readers
 * of that run pass it on to their enumerator.
 *
 * <p>Why through the JVM: results are behind the readers in the graph, and a graph has no way back.
 * The one task that counts shares its slot with one of the readers, since all of a run's tasks are
 * in one slot sharing group and no stage has more tasks than the source; so one reader always hears
 * it. Thread safe.
 */
public final class EarlyEnds {

  private static final Map<String, Run> RUNS = new HashMap<>();

  private EarlyEnds() {}

  /** One run; it is known while it is called for or listened to. */
  private static final class Run {
    private final Set<Runnable> listeners = new HashSet<>();
    private boolean called;
  }

  /** What a listener is registered by. */
  public interface Listening extends AutoCloseable {
    @Override
    void close();
  }

  /** Has a run end early. */
  public static void call(String runId) {
    synchronized (RUNS) {
      Run run = RUNS.computeIfAbsent(runId, id -> new Run());
      run.called = true;
      run.listeners.forEach(Runnable::run);
    }
  }

  /** Takes back {@link #call}, as the task that called ends, perhaps to begin again elsewhere. */
  public static void takeBack(String runId) {
    synchronized (RUNS) {
      Run run = RUNS.get(runId);
      if (run != null) {
        run.called = false;
        forgetIfUnused(runId, run);
      }
    }
  }

  /** Tells whether a run is to end early. */
  public static boolean isCalled(String runId) {
    synchronized (RUNS) {
      Run run = RUNS.get(runId);
      return run != null && run.called;
    }
  }

  /**
   * Has {@code listener} told, on any thread, when a run is to end early, also if it is already.
   *
   * @param listener must not wait for anything
   */
  public static Listening listen(String runId, Runnable listener) {
    synchronized (RUNS) {
      Run run = RUNS.computeIfAbsent(runId, id -> new Run());
      run.listeners.add(listener);
      if (run.called) {
        listener.run();
      }
    }
    return () -> {
      synchronized (RUNS) {
        Run run = RUNS.get(runId);
        if (run != null) {
          run.listeners.remove(listener);
          forgetIfUnused(runId, run);
        }
      }
    };
  }

  private static void forgetIfUnused(String runId, Run run) {
    if (!run.called && run.listeners.isEmpty()) {
      RUNS.remove(runId);
    }
  }
}
