/**
 * Kernels that use the JDK's Vector API, {@code jdk.incubator.vector}. They are compiled apart from
 * the rest, are in the same jar, and are found by the name of {@link
 * dev.countersign.hashing.vector.VectorKernels} where a JVM runs with the module.
 *
 * <p>May import, in addition to the JDK: {@code hashing}.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.hashing.vector;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
