package dev.countersign.sink;

import dev.countersign.outcome.FailureLimit;
import java.io.Serializable;
import java.util.List;

/**
 * What the record that closes a run says beside its counts.
 *
 * @param uri where the record goes; empty if it is not written, and results are only counted
 * @param runId identifies the run
 * @param started when the run first started, in milliseconds since the epoch
 * @param operation what the run does, in lower case
 * @param version this program's version
 * @param options the run's options as {@code name=value}, without secrets
 * @param total how many models the run has
 * @param limit how many of them may fail before the run ends early
 * @param watched whether the run is a watch, which tries failed models again
 */
public record RunRecordSettings(
    String uri,
    String runId,
    long started,
    String operation,
    String version,
    List<String> options,
    long total,
    FailureLimit limit,
    boolean watched)
    implements Serializable {

  /** Copies the list. */
  public RunRecordSettings {
    options = List.copyOf(options);
  }
}
