/**
 * Azure Blob Storage and Data Lake Storage, through the REST API of blobs.
 *
 * <p>Requests are our own, since Hadoop's connector stores a file as an empty one first, hides keys
 * and tries again by itself; the credentials are those that its settings name. Found by scheme,
 * since the runnable jar does not contain the connector.
 *
 * <p>May import, beside the JDK: {@code storage}, {@code storage.objects}, {@code storage.rest},
 * {@code storage.hadoop}, Hadoop and its connector.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.storage.abfs;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
