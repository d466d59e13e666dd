/**
 * The boundary where exceptions of storage, keys, signing and verification become failures of
 * models.
 *
 * <p>May import {@code outcome}, {@code oms}, {@code keys}, {@code storage}, {@code signing},
 * {@code verification} and the schemas.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.faults;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
