/**
 * Listings of earlier runs: files that say which bytes were hashed, what the store said of them,
 * and what came out. Found, read, and asked for digests that still hold. Whoever wrote them, they
 * are read within bounds.
 *
 * <p>May import {@code oms}, the schemas, {@code avro}, Avro and Flink's file systems.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.listings;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
