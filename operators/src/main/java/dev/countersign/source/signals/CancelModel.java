package dev.countersign.source.signals;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * Tells a reader that a model has failed, so that what it still reads of it is in vain.
 *
 * @param entryId the model
 * @param attempt the attempt that failed
 */
public record CancelModel(long entryId, int attempt) implements SourceEvent {}
