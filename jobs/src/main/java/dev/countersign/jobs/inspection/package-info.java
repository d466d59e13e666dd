/**
 * Shows what bundles say, without verifying any of it. Imports the library and {@code terminal},
 * nothing of the command line.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.jobs.inspection;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
