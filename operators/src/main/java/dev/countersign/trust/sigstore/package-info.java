/**
 * Trust roots and signing configs of Sigstore instances, from files and TUF repositories, read with
 * sigstore-java. Found by name through {@code trust.SigstoreLibraries}: without the folder of
 * Sigstore's libraries, no class of this package can be loaded.
 *
 * <p>May import, beside the JDK: {@code trust}, {@code http}, {@code process}, sigstore-java,
 * Protocol Buffers.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.trust.sigstore;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
