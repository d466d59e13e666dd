package dev.countersign.signing;

import java.io.Serializable;
import java.net.URI;
import java.time.Duration;

/**
 * Which timestamp authority is asked.
 *
 * @param url where it is
 * @param timeout how long one timestamp may take with all attempts, positive
 */
public record TimestampSettings(URI url, Duration timeout) implements Serializable {}
