/**
 * Hashing of a model's content: a kernel for each hash algorithm, and one interface, {@link
 * dev.countersign.hashing.HashState}, over what they compute.
 *
 * <p>May import the JDK only. The names of algorithms are strings, so that this package needs no
 * other one.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.hashing;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
