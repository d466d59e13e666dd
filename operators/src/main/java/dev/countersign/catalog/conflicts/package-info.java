/**
 * Conflicts between entries: two models with one bundle, or one model inside the place of another,
 * found for catalogs of any size.
 *
 * <p>May import {@code catalog} and what is below it.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.catalog.conflicts;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
