package dev.countersign.source;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * Tells the enumerator of a watch that a model has ended as failed. May come more than once.
 *
 * @param entryId the entry that it was taken as
 * @param model its URI
 */
public record FailedModel(long entryId, String model) implements SourceEvent {

  private static final long serialVersionUID = 1L;
}
