/**
 * What to work on: the entries of a run, where their bundles go, and what must not lie in what.
 *
 * <p>A catalog is hostile: all that is read of one is bounded ({@code CatalogLimits}), and what
 * breaks a rule is an entry with a fault, for the result. Only what is wrong as a whole is an
 * exception.
 *
 * <p>May import, beside the JDK: {@code oms}, {@code storage}, {@code schemas}, {@code avro}, Avro,
 * a JSON library.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.catalog;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
