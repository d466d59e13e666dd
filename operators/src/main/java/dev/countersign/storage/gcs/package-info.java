/**
 * Google Cloud Storage, through its JSON API.
 *
 * <p>Requests are our own, since Google's connector for Hadoop hides faults, asks for what is not
 * needed and tries again by itself; the credentials are those that its settings name. Found by
 * scheme, since the runnable jar does not contain the connector.
 *
 * <p>May import, beside the JDK: {@code storage}, {@code storage.objects}, {@code storage.rest},
 * {@code storage.hadoop}, Hadoop, Google's connector, a JSON library.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.storage.gcs;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
