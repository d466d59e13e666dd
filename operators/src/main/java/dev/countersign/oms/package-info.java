/**
 * The OpenSSF Model Signing format: digests, resources, manifest, statement, DSSE envelope, bundle,
 * canonical paths and ignore rules.
 *
 * <p>May import, beside the JDK: jackson-core's streaming API.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.oms;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
