/**
 * Runs a plan in this process, on a Flink cluster of its own. Imports execution, pipeline, Flink.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.jobs.embedded;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
