/**
 * Calls to services over HTTP: bounded answers, retries, deadlines, proxies, and private
 * certificate authorities.
 *
 * <p>May import nothing beside the JDK.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.http;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
