/**
 * Bundles under the caller's trust: which signatures count, and what a valid one says.
 *
 * <p>Never sees {@code signing}: a verifier has no use for a private key.
 *
 * <p>May import, beside the JDK: {@code oms}, {@code keys}, {@code trust}, Bouncy Castle, RE2/J,
 * sigstore-java.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.verification;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
