package dev.countersign.metrics;

import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Outcome;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;

/**
 * A metric of a run: its name in Flink's metrics, where all are in the group {@value #GROUP}, and
 * the one under which a run in this process exposes the sum over its tasks. Neither name changes.
 */
public enum RunMetric {
  BYTES_HASHED(
      "bytesHashed",
      "countersign_hashed_bytes_total",
      Kind.COUNTER,
      "readers",
      "Bytes hashed, counted while they are hashed."),

  FILES_HASHED(
      "filesHashed", "countersign_hashed_files_total", Kind.COUNTER, "readers", "Files hashed."),

  UNITS_FINISHED(
      "unitsFinished",
      "countersign_finished_units_total",
      Kind.COUNTER,
      "readers",
      "Units of work hashed."),

  HASHING_NANOS(
      "hashingNanos",
      "countersign_hashing_seconds_total",
      Kind.TIME,
      "readers",
      "Time spent hashing, summed over all threads."),

  READING_NANOS(
      "readingNanos",
      "countersign_reading_seconds_total",
      Kind.TIME,
      "readers",
      "Time spent opening, reading and closing files, summed over all threads."),

  REQUESTS(
      "requests.KIND",
      "countersign_requests_total",
      Kind.COUNTER,
      "planner, readers, deciding stage",
      "Requests to object stores by kind, including those of discarded attempts.",
      "kind",
      List.of("LIST", "HEAD", "GET", "METADATA", "PUT", "DELETE")),

  MODELS_TOTAL(
      "modelsTotal",
      "countersign_run_models",
      Kind.GAUGE,
      "planner",
      "Models of the run; for a watch, those that exist now."),

  MODELS_PLANNED(
      "modelsPlanned",
      "countersign_planned_models",
      Kind.GAUGE,
      "planner",
      "Models whose planning has begun, including finished ones."),

  MODELS_WAITING(
      "modelsWaiting",
      "countersign_waiting_models",
      Kind.GAUGE,
      "planner",
      "Models whose planning has begun and that are not finished."),

  MODELS_DONE(
      "modelsDone",
      "countersign_done_models",
      Kind.GAUGE,
      "planner",
      "Models whose units are all finished."),

  BYTES_PLANNED(
      "bytesPlanned",
      "countersign_planned_bytes",
      Kind.GAUGE,
      "planner",
      "Bytes in the models planned so far."),

  LARGEST_FILE(
      "largestFile",
      "countersign_largest_file_bytes",
      Kind.GAUGE,
      "planner",
      "Bytes in the largest file planned so far that one thread hashes as a whole."),

  UNITS_WAITING(
      "unitsWaiting",
      "countersign_waiting_units",
      Kind.GAUGE,
      "planner",
      "Units of work waiting for a reader."),

  UNITS_OUT(
      "unitsOut",
      "countersign_in_flight_units",
      Kind.GAUGE,
      "planner",
      "Units of work assigned to readers."),

  UNITS_RETRIED(
      "unitsRetried",
      "countersign_retried_units",
      Kind.GAUGE,
      "planner",
      "Retries of plans and units of work after transient faults."),

  BYTES_LOCATED(
      "bytesLocated",
      "countersign_located_bytes",
      Kind.GAUGE,
      "planner",
      "Bytes in units assigned to readers, if HDFS said which machines hold most of the unit."),

  BYTES_LOCAL(
      "bytesLocal",
      "countersign_local_bytes",
      Kind.GAUGE,
      "planner",
      "Bytes of those in units assigned to a reader on such a machine."),

  MODELS(
      "models.OUTCOME",
      "countersign_models_total",
      Kind.COUNTER,
      "deciding stage",
      "Results by outcome.",
      "outcome",
      symbols(Outcome.values(), Outcome.UNKNOWN)),

  FAILURES(
      "failures.REASON",
      "countersign_failures_total",
      Kind.COUNTER,
      "deciding stage",
      "Failed models by reason.",
      "reason",
      symbols(FailureReason.values(), FailureReason.UNKNOWN, FailureReason.NONE)),

  SIGNATURE_NANOS(
      "signatureNanos",
      "countersign_signature_seconds",
      Kind.LATENCY,
      "signing stage",
      "Time to create one signature, including its statement and its timestamp, if requested."),

  BUNDLE_WRITE_NANOS(
      "bundleWriteNanos",
      "countersign_bundle_write_seconds",
      Kind.LATENCY,
      "signing stage",
      "Time to write one bundle, or to find that it exists.");

  /** The group of all metrics of this program. */
  public static final String GROUP = "countersign";

  /** What a metric counts, and in which unit. */
  public enum Kind {
    /** A number that only grows. */
    COUNTER("counter"),
    /** A length of time that only grows, in nanoseconds; exposed in seconds. */
    TIME("counter"),
    /** A number that comes and goes. */
    GAUGE("gauge"),
    /** Lengths of time, in nanoseconds; exposed in seconds. A {@link LatencyHistogram}. */
    LATENCY("histogram");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** Returns the kind in one word, as Flink and Prometheus call it. */
    public String text() {
      return text;
    }
  }

  private final String documentedName;
  private final String exposedName;
  private final Kind kind;
  private final String owner;
  private final String help;
  private final String label;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of() and toList(): it cannot change
  private final List<String> labelValues;

  RunMetric(String name, String exposedName, Kind kind, String owner, String help) {
    this(name, exposedName, kind, owner, help, "", List.of());
  }

  RunMetric(
      String name,
      String exposedName,
      Kind kind,
      String owner,
      String help,
      String label,
      List<String> labelValues) {
    this.documentedName = name;
    this.exposedName = exposedName;
    this.kind = kind;
    this.owner = owner;
    this.help = help;
    this.label = label;
    this.labelValues = labelValues;
  }

  /** Returns the name in Flink's metrics as documentation has it: one for all values of a label. */
  public String documentedName() {
    return documentedName;
  }

  /** Returns the name in Flink's metrics. The metric must have no label. */
  public String flinkName() {
    if (!label.isEmpty()) {
      throw new IllegalStateException(this + " has a name for each " + label);
    }
    return documentedName;
  }

  /** Returns the name in Flink's metrics for one value of the label. */
  public String flinkName(String labelValue) {
    return prefix() + labelValue;
  }

  /** Returns what the names in Flink's metrics begin with, for a metric that has a label. */
  public String prefix() {
    return documentedName.substring(0, documentedName.indexOf('.') + 1);
  }

  /** Returns the name in Prometheus's exposition. */
  public String exposedName() {
    return exposedName;
  }

  /** Returns what kind of metric it is. */
  public Kind kind() {
    return kind;
  }

  /** Returns which part of a run has it, in a word or two. */
  public String owner() {
    return owner;
  }

  /** Returns what it says, as a sentence. */
  public String help() {
    return help;
  }

  /** Returns the name of its label; empty if it has none. */
  public String label() {
    return label;
  }

  /** Returns all values that the label can have; empty if there is no label. */
  public List<String> labelValues() {
    return labelValues;
  }

  /** Registers a gauge under this name. */
  public void register(MetricGroup parent, Gauge<Long> gauge) {
    var unused = parent.addGroup(GROUP).gauge(flinkName(), gauge);
  }

  /** Registers a counter under this name. */
  Counter counter(MetricGroup parent) {
    return counter(parent, flinkName());
  }

  /** Registers a counter for each value of the label, by that value. */
  Map<String, Counter> counters(MetricGroup parent) {
    return labelValues.stream()
        .collect(Collectors.toMap(value -> value, value -> counter(parent, flinkName(value))));
  }

  private static Counter counter(MetricGroup parent, String name) {
    return parent.addGroup(GROUP).counter(name, new ThreadSafeSimpleCounter());
  }

  private static List<String> symbols(Enum<?>[] all, Enum<?>... without) {
    return Arrays.stream(all)
        .filter(symbol -> !List.of(without).contains(symbol))
        .map(Enum::name)
        .toList();
  }
}
