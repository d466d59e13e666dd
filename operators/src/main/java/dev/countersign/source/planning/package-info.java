/**
 * Planners, one for each operation: they list a model, check its bundle, and decide what is read.
 *
 * <p>May import {@code source.content}, {@code source.pool}, {@code source.units}, {@code
 * source.signals}, {@code outcome}, {@code faults} and what is below them.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.source.planning;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
