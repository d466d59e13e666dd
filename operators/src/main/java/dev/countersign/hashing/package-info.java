/**
 * Hashing of a model's content: one interface over every hash algorithm, and its implementations.
 *
 * <p>May import, beside the JDK: Bouncy Castle, whose lightweight BLAKE2b and BLAKE3 are the
 * portable kernels. The names of algorithms are strings, so that this package needs no other one.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.hashing;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
