/**
 * Signers and their methods. A loaded private key lives here and nowhere else: no other package can
 * get hold of one.
 *
 * <p>May import, beside the JDK: {@code oms}, {@code keys}, {@code http}, {@code verification},
 * Bouncy Castle, sigstore-java.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.signing;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
