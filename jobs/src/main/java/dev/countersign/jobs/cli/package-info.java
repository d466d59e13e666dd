/**
 * The command line: the program, its tree of commands and their help, and where options come from.
 *
 * <p>May import the packages that hold commands, {@code terminal} and {@code cluster}.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.jobs.cli;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
