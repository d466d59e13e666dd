package dev.countersign.source.signals;

/**
 * What a reader is to be told because it works in vain.
 *
 * @param reader its subtask
 * @param message what it is told
 */
public record Cancellation(int reader, EnumeratorEvent.CancelModel message) {}
