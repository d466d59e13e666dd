/**
 * Finds and reads the results that runs have committed, and the records that close runs; follows
 * those of a run that goes on. Imports the library's records and sink, the schemas, a JSON library,
 * and Flink's file systems.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.jobs.results;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
