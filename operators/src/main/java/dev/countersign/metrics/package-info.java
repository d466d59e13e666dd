/**
 * Metrics of a run: their names, all in {@link dev.countersign.metrics.RunMetric}, and what counts
 * them.
 *
 * <p>May import the schemas and Flink.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.metrics;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
