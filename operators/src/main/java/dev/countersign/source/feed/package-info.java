/**
 * Feeds of the enumerator: the entries of a catalog in order, or those that a watch finds.
 *
 * <p>May import {@code source.planning}, {@code source.pool}, {@code source.checkpoint}, {@code
 * source.signals}, {@code outcome} and what is below them.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.source.feed;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
