/**
 * What a user can set: each option declared once, as a typed option of Flink's, and turned into the
 * immutable settings of the packages that use them. Flags, environment variables, configuration
 * files, help and the tables in the manual all come from the same declaration.
 *
 * <p>May import, beside the JDK: the settings records of any package, Flink.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.options;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
