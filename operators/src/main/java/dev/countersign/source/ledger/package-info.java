/**
 * Ledger of the models in progress: which units are waiting, assigned or done, what is tried again,
 * and what a lost reader costs. Plain objects that decide for the enumerator.
 *
 * <p>May import {@code source.units}, {@code source.signals}, {@code source.checkpoint}, {@code
 * outcome} and what is below them. Never sees the readers.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.source.ledger;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
