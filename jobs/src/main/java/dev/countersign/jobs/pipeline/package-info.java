/**
 * The job graph: which stages a run has and how they are joined. Imports the library and Flink,
 * nothing of the command line.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.jobs.pipeline;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
