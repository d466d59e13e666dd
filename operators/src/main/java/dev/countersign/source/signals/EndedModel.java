package dev.countersign.source.signals;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * Tells the enumerator of a watch that a model has a result. May come more than once.
 *
 * @param entryId the entry that it was taken as
 * @param model its URI
 * @param failed whether the model has failed
 */
public record EndedModel(long entryId, String model, boolean failed) implements SourceEvent {

  private static final long serialVersionUID = 1L;

  /** Names no model: Flink logs events, and names come from outside. */
  @Override
  public String toString() {
    return "EndedModel[" + entryId + (failed ? ", failed]" : "]");
  }
}
