/**
 * Models that a watch finds, one look after the other.
 *
 * <p>May import {@code catalog}, {@code catalog.file}, {@code catalog.conflicts} and what is below
 * them.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.catalog.watch;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
