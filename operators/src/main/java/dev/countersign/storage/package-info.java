/**
 * Where models lie: listing a model, reading ranges of its files, and writing a bundle so that it
 * is complete before it appears.
 *
 * <p>This package holds the contracts and what all stores share; {@code storage.local}, {@code
 * storage.hadoop} and {@code storage.objects} fulfil them and are found through {@link
 * java.util.ServiceLoader}, so that imports run only upward and a run on local files never loads a
 * Hadoop class.
 *
 * <p>May import, beside the JDK: {@code text}.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.storage;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
