/**
 * Hashing on task managers: the reader, its threads, and the hashers of one unit.
 *
 * <p>May import {@code source.pool}, {@code source.units}, {@code source.signals}, {@code outcome},
 * {@code faults}, what is below them, and Flink. Never sees the ledger.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.source.reading;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
