/**
 * What a model command does: its entries, trust and state, the run on an engine, and what people
 * see of it.
 *
 * <p>May import {@code cluster}, {@code embedded}, {@code execution}, {@code pipeline}, {@code
 * results}, {@code state} and {@code terminal}.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.jobs.run;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
