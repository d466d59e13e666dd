/**
 * What to work on: the entries of a run, where their bundles go, and what must not lie in what.
 *
 * <p>May import, beside the JDK: {@code oms}, {@code storage}, {@code schemas}, Avro, a JSON
 * library.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.catalog;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
