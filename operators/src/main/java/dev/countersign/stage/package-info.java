/**
 * The keyed and mapping stages between source and sink: merge a model's units, then sign, verify or
 * digest it.
 *
 * <p>May import every package of the library below it, {@code source} among them, the schemas, Avro
 * and Flink.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.stage;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
