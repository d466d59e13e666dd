/**
 * State that all jobs of a process share, threads for calls that may hang, and the login to stores.
 * Each job has a class loader and static fields of its own, so what they share are values of system
 * properties, of types of the JDK.
 *
 * <p>Imports nothing but the JDK.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.process;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
