/**
 * Every option, declared once. Flags, environment variables, configuration files, help and the
 * table in the manual come from the same declaration.
 *
 * <p>May import {@code options}, the values that options can have, and Flink.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.options.declarations;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
