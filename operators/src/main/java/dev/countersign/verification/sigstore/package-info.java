/**
 * Checks of Sigstore signatures with sigstore-java. Found by name through {@code
 * trust.SigstoreLibraries}: without the folder of Sigstore's libraries, no class of this package
 * can be loaded.
 *
 * <p>May import, beside the JDK: {@code oms}, {@code keys}, {@code trust}, {@code trust.sigstore},
 * {@code verification}, sigstore-java, Protocol Buffers.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.verification.sigstore;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
