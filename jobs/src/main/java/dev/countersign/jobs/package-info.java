/** The command line and the job graphs it builds. Nothing imports this package. */
@NullMarked
@CheckReturnValue
package dev.countersign.jobs;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
