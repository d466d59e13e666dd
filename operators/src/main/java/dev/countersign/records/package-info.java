/**
 * Records of results outside of a run: as JSON, and in files of each format, written and read.
 *
 * <p>May import {@code oms}, the schemas, {@code avro}, Avro, a JSON library, Parquet and Flink.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.records;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
