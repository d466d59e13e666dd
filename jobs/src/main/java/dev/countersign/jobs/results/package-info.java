/**
 * Reads results that runs have committed. Imports the library's records and sink, the schemas, and
 * Flink's file systems.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.jobs.results;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
