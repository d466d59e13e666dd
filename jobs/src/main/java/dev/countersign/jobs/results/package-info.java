/**
 * Follows the results that a run has committed. Imports the schemas, Avro, and Flink's file
 * systems.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.jobs.results;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
