/**
 * Model commands: their entries, trust and state, the run on an engine, and the output that people
 * see.
 *
 * <p>May import {@code cluster}, {@code embedded}, {@code execution}, {@code pipeline}, {@code
 * results}, {@code state} and {@code terminal}.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.jobs.run;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
