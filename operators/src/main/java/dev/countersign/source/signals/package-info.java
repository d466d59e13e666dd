/**
 * Messages between the enumerator, the readers and the sinks of a run: source events, and the
 * registries of one JVM that pass on what a job graph has no edge for.
 *
 * <p>May import {@code source.units}, {@code outcome}, what is below them, and Flink.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.source.signals;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
