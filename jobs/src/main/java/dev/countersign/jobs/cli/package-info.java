/**
 * The command line: which commands there are, where their options come from, and what each does.
 * Imports every other package of the jobs.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.jobs.cli;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
