/**
 * Text that other packages must treat alike: escaping for display, messages, the order of names,
 * UTF-8, and URIs.
 *
 * <p>Imports nothing but the JDK, so that every package may import it.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.text;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
