/**
 * Files of keys and certificates: reading, writing and naming of public and private keys.
 *
 * <p>Bouncy Castle is used for its ASN.1, its arithmetic and the older ciphers of key files only,
 * never as a JCA provider: a provider out of a shaded jar has no valid signature any more, and a
 * JVM that checks such signatures then refuses its ciphers. What needs a provider here uses the
 * JDK's own.
 *
 * <p>May import, beside the JDK: Bouncy Castle.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.keys;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
