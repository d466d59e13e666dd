package dev.countersign.source.signals;

import java.io.Serializable;

/**
 * What a disappeared process is judged within: the same session after a crash, another one after
 * somebody stopped the run. Every submission to a cluster begins another one, and with a state
 * folder every start after a stop in good order.
 *
 * @param id identifies the session within its run
 * @param journal local file that keeps which units readers have, for the next process; empty if no
 *     other process resumes the session
 */
public record RunSession(String id, String journal) implements Serializable {

  /** A session that no other process resumes. */
  public RunSession(String id) {
    this(id, "");
  }
}
