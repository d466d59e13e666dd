/**
 * Failures of models as values, how many may occur, how faults are retried, and how many
 * differences a result lists.
 *
 * <p>May import {@code oms} and the schemas.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.outcome;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
