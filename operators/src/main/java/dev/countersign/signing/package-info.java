/**
 * Signers and their methods. A loaded private key lives here and nowhere else: no other package can
 * get hold of one.
 *
 * <p>May import, beside the JDK: {@code oms}, {@code keys}, {@code http}, {@code pkcs11}, {@code
 * trust}, {@code verification}, Bouncy Castle.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.signing;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
