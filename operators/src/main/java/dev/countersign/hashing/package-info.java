/**
 * Hashing of a model's content: a kernel for each hash algorithm, and one interface, {@link
 * dev.countersign.hashing.HashState}, over what they compute.
 *
 * <p>May import, beside the JDK: Bouncy Castle, whose lightweight BLAKE2b and BLAKE3 are the
 * portable kernels. The names of algorithms are strings, so that this package needs no other one.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.hashing;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
