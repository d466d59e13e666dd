/**
 * Private keys in PKCS#11 tokens: URIs that name them, modules, logins and sessions. Reaches
 * modules through the JDK's own binding.
 *
 * <p>The JDK's provider SunPKCS11 is not used, although it is on the same binding: it shows a
 * private key only if the token also has a certificate of it, which many tokens do not, and to
 * write one would change the token.
 *
 * <p>May import, beside the JDK: {@code keys}, {@code process}, Bouncy Castle.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.pkcs11;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
