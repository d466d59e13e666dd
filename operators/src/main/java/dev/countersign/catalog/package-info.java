/**
 * Entries of a catalog: which models a run is for, and where their bundles are stored. Also models
 * that are named one by one, or by a glob.
 *
 * <p>A catalog is hostile: everything that is read of one is bounded, and an entry that breaks a
 * rule carries its fault to the result. Only a fault of the whole catalog is an exception.
 *
 * <p>May import {@code oms}, {@code storage} and the schemas.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.catalog;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
