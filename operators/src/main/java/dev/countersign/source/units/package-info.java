/**
 * Work units: how the files of a model are cut into ranges and packed, and the splits that carry
 * them to readers.
 *
 * <p>May import {@code outcome}, what is below it, Avro and Flink, and no other package of the
 * source.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.source.units;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
