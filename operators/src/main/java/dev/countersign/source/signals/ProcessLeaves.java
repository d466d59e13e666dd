package dev.countersign.source.signals;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * Announces that a reader's process ends in good order, as after SIGTERM.
 *
 * @param process see {@link ProcessIdentity}
 */
public record ProcessLeaves(String process) implements SourceEvent {

  private static final long serialVersionUID = 1L;
}
