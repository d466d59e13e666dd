package dev.countersign.catalog.watch;

import java.io.Serializable;
import java.time.Duration;

/**
 * How models are watched.
 *
 * @param interval from the begin of one look at all models to that of the next; a look that takes
 *     longer is followed by the next at once
 * @param settle for how long a model must look the same before it counts as complete
 * @param marker name of the file that says that the model it lies in is complete, relative to the
 *     model's root; empty if there is no such file. A model without it is not complete, one with it
 *     and without any newer file is at once
 */
public record WatchSettings(Duration interval, Duration settle, String marker)
    implements Serializable {}
