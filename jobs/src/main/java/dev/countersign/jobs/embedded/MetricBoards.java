package dev.countersign.jobs.embedded;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The boards of the runs in this process. Thread safe. */
final class MetricBoards {

  private static final Map<String, MetricBoard> BOARDS = new ConcurrentHashMap<>();

  private MetricBoards() {}

  /** Returns the board of that name, a new one if there was none. */
  static MetricBoard named(String name) {
    return BOARDS.computeIfAbsent(name, unused -> new MetricBoard());
  }

  /** Forgets a board. */
  static void forget(String name) {
    BOARDS.remove(name);
  }
}
