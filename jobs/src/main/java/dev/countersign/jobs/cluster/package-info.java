/**
 * Runs a plan on the Flink cluster that {@code flink run}, or an application's entry point, gave
 * us. Imports execution, pipeline, Flink.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.jobs.cluster;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
