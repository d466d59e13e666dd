/**
 * Catalogs as files, read in each format within bounds.
 *
 * <p>May import {@code catalog}, {@code catalog.conflicts}, what is below them, a JSON library,
 * {@code avro} and Avro.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.catalog.file;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
