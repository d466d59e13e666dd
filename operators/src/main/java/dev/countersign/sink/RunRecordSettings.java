package dev.countersign.sink;

import java.io.Serializable;
import java.util.List;

/**
 * What the record that closes a run says beside its counts.
 *
 * @param uri where the record goes
 * @param runId identifies the run
 * @param started when the run first started, in milliseconds since the epoch
 * @param operation what the run does, in lower case
 * @param version this program's version
 * @param options the run's options as {@code name=value}, without secrets
 */
public record RunRecordSettings(
    String uri, String runId, long started, String operation, String version, List<String> options)
    implements Serializable {

  /** Copies the list. */
  public RunRecordSettings {
    options = List.copyOf(options);
  }
}
