/**
 * What a declared option is: a typed option of Flink's with the commands it belongs to, its group
 * and its kind of value.
 *
 * <p>May import the values that options can have, {@code outcome}, and Flink.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.options;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
