/**
 * Models on anything for which there is a Hadoop file system, {@code hdfs:} above all.
 *
 * <p>Never local files: Hadoop's own {@code file:} writes checksum files beside what it writes and
 * hides them from listings.
 *
 * <p>May import, beside the JDK: {@code storage}, {@code process}, Hadoop's client.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.storage.hadoop;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
