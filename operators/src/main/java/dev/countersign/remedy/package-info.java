/**
 * Remedies that failures carry. They name settings, not flags: a program words them for its users.
 *
 * <p>Imports nothing but the JDK; every package may import it.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.remedy;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
