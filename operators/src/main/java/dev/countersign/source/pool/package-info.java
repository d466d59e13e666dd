/**
 * Threads that work on models until they stall, and budgets of memory for all jobs of a process.
 *
 * <p>May import {@code outcome} and what is below it.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.source.pool;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
