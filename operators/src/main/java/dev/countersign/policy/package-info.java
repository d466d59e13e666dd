/**
 * Trust policies as files: reads one with everything that it names, and says what is odd about it.
 * What a policy then decides is {@code verification}'s.
 *
 * <p>The file's form is also in {@code schemas}, as a JSON Schema ({@code
 * dev/countersign/schemas/trust-policy.schema.json}) for editors; a test holds both to each other.
 *
 * <p>May import, beside the JDK: {@code oms}, {@code keys}, {@code storage}, {@code trust}, {@code
 * verification}, {@code yaml}.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.policy;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
