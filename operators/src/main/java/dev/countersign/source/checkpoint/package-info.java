/**
 * State of the enumerator as checkpoints hold it, and the journal that outlives them.
 *
 * <p>May import {@code source.units}, {@code source.signals}, {@code outcome}, what is below them,
 * Avro and Flink.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.source.checkpoint;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
