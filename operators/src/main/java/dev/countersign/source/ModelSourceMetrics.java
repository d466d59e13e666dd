package dev.countersign.source;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;

/** Names of the source's metrics, all in the group {@value #GROUP}. */
public final class ModelSourceMetrics {

  /** The group of all metrics of this program. */
  public static final String GROUP = "countersign";

  /** Reader: bytes hashed, while they are being hashed. */
  public static final String BYTES_HASHED = "bytesHashed";

  /** Reader: files hashed. */
  public static final String FILES_HASHED = "filesHashed";

  /** Reader: units emitted. */
  public static final String UNITS_FINISHED = "unitsFinished";

  /** Reader: milliseconds that lanes spent hashing and waiting for reads. */
  public static final String HASHING_MILLIS = "hashingMillis";

  /** Enumerator: models of the run. */
  public static final String MODELS_TOTAL = "modelsTotal";

  /** Enumerator: models whose planning has begun. */
  public static final String MODELS_PLANNED = "modelsPlanned";

  /** Enumerator: bytes of the models planned so far. */
  public static final String BYTES_PLANNED = "bytesPlanned";

  /** Enumerator: models all of whose units are emitted. */
  public static final String MODELS_DONE = "modelsDone";

  /** Enumerator: units that wait for a reader. */
  public static final String UNITS_WAITING = "unitsWaiting";

  /** Enumerator: units that readers have. */
  public static final String UNITS_OUT = "unitsOut";

  private ModelSourceMetrics() {}

  /** A reader's counters; safe to count from lanes. */
  record Reader(Counter bytes, Counter files, Counter units, Counter millis) {

    static Reader in(MetricGroup parent) {
      MetricGroup group = parent.addGroup(GROUP);
      return new Reader(
          group.counter(BYTES_HASHED, new ThreadSafeSimpleCounter()),
          group.counter(FILES_HASHED, new ThreadSafeSimpleCounter()),
          group.counter(UNITS_FINISHED, new ThreadSafeSimpleCounter()),
          group.counter(HASHING_MILLIS, new ThreadSafeSimpleCounter()));
    }
  }

  /** Registers an enumerator's gauge. */
  static void gauge(MetricGroup parent, String name, Gauge<Long> gauge) {
    parent.addGroup(GROUP).gauge(name, gauge);
  }
}
