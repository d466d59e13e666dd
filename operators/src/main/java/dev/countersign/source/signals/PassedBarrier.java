package dev.countersign.source.signals;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * Tells the enumerator that a reader has put down its state, so that messages reach it again.
 *
 * @param checkpointId of which checkpoint
 */
public record PassedBarrier(long checkpointId) implements SourceEvent {

  private static final long serialVersionUID = 1L;
}
