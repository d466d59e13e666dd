package dev.countersign.source.signals;

import org.apache.flink.api.connector.source.SourceEvent;

/** Tells the enumerator that too many models have failed. May come from several readers. */
public record EndEarly() implements SourceEvent {

  private static final long serialVersionUID = 1L;
}
