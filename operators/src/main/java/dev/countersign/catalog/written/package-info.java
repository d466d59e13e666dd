/**
 * Catalogs as files, written in each format.
 *
 * <p>May import {@code catalog}, what is below it, a JSON library and Avro.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.catalog.written;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
