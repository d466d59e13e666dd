/**
 * Failures of models as values, how many may occur, and how faults are retried.
 *
 * <p>May import {@code oms} and the schemas.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.outcome;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
