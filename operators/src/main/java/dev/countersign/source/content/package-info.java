/**
 * Comparison of what a model holds with what a bundle signs: names, lengths, and what was left out.
 *
 * <p>May import {@code source.units}, {@code outcome}, and what is below them.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.source.content;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
