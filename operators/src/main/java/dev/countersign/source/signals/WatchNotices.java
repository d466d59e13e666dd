package dev.countersign.source.signals;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a watch has to say to people while it goes on, and is no model's result: that a look failed.
 * It is logged, and a listener in the same JVM gets it. Thread safe.
 */
public final class WatchNotices {

  private static final Logger LOG = LoggerFactory.getLogger(WatchNotices.class);

  private static final Map<String, Consumer<String>> LISTENERS = new ConcurrentHashMap<>();

  private WatchNotices() {}

  /**
   * Has a run's notices passed on until {@link #forget}.
   *
   * @param listener called by any thread
   */
  public static void listen(String runId, Consumer<String> listener) {
    LISTENERS.put(runId, listener);
  }

  /** Ends {@link #listen}. */
  public static void forget(String runId) {
    LISTENERS.remove(runId);
  }

  public static void say(String runId, String notice) {
    LOG.warn("{}", notice);
    LISTENERS.getOrDefault(runId, unheard -> {}).accept(notice);
  }
}
