package dev.countersign.source.signals;

import java.io.Serializable;

/**
 * What a disappeared process is judged within: the same session after a crash, another one after
 * somebody stopped the run. Every submission to a cluster begins another one, and with a state
 * folder every start after a stop in good order.
 *
 * @param id identifies the session within its run
 * @param journal local file that keeps which units readers have, for the next process; empty if
 *     there is none
 * @param shared URI, in Flink's form, of a folder that reaches the next job manager, in which this
 *     one keeps which models it is planning; empty if there is none
 */
public record RunSession(String id, String journal, String shared) implements Serializable {

  /** A session that no other process resumes. */
  public RunSession(String id) {
    this(id, "");
  }

  /** A session that another process on this machine may resume. */
  public RunSession(String id, String journal) {
    this(id, journal, "");
  }

  /** Returns this session where job managers share a folder, unless it has a journal. */
  public RunSession sharing(String folder) {
    return new RunSession(id, journal, journal.isEmpty() ? folder : "");
  }
}
