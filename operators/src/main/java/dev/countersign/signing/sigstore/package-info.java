/**
 * Signing with a Sigstore instance: identity tokens, short-lived certificates, transparency logs.
 * Found by name through {@code trust.SigstoreLibraries}: without the folder of Sigstore's
 * libraries, no class of this package can be loaded.
 *
 * <p>Certificates are requested over Fulcio's HTTP interface and not with the gRPC client of
 * sigstore-java, which takes neither a proxy nor a private authority for TLS.
 *
 * <p>May import, beside the JDK: {@code oms}, {@code keys}, {@code http}, {@code trust}, {@code
 * trust.sigstore}, {@code verification}, {@code signing}, sigstore-java, Protocol Buffers.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.signing.sigstore;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
