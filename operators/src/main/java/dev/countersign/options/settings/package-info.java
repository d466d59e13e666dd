/**
 * Options as they were given, checked against each other and turned into the immutable settings of
 * the packages that use them.
 *
 * <p>May import {@code options}, {@code options.declarations}, the settings of any package, and
 * Flink.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.options.settings;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
