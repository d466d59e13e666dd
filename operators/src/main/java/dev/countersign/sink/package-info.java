/**
 * Where a run's results end: Avro part files that appear when they are committed, and the record
 * that closes the run.
 *
 * <p>May import every package of the library below it, the schemas, Avro and Flink.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.sink;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
