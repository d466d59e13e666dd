package dev.countersign.source.signals;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * Announces in which process a reader has started; the first event of each reader.
 *
 * @param process see {@link ProcessIdentity}
 */
public record ReaderStarted(String process) implements SourceEvent {

  private static final long serialVersionUID = 1L;
}
