/**
 * Models in S3 and in stores that speak its protocol.
 *
 * <p>Credentials, endpoints, encryption and proxies are those of Hadoop's S3A, whose client sends
 * the requests. No stream or listing of S3A's is used: a stream may cache, prefetch and read bytes
 * again, and a listing of paths hides keys, such as those with an empty segment or a slash at the
 * end, in which files could be kept from being signed and verified.
 *
 * <p>Found by its scheme through {@link java.util.ServiceLoader}; {@link
 * dev.countersign.storage.s3.S3Store} loads without S3A and the AWS SDK, which the runnable jar
 * does not contain.
 *
 * <p>May import, beside the JDK: {@code storage}, {@code storage.objects}, {@code storage.hadoop},
 * {@code process}, Hadoop, the AWS SDK.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.storage.s3;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
