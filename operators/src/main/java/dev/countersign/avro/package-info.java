/**
 * Bounded reading of Avro container files and of records in Avro's binary encoding, whoever wrote
 * them. Avro's own readers allocate as much as a length announces, before they look at what is
 * there; here everything is checked first.
 *
 * <p>May import Avro, and Snappy for compressed blocks.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.avro;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
