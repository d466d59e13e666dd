/** The seam between the command line and what runs a plan. Imports pipeline. */
@NullMarked
@CheckReturnValue
package dev.countersign.jobs.execution;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
