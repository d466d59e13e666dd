package dev.countersign.storage.s3;

import dev.countersign.process.CallThreads;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import org.apache.hadoop.fs.s3a.S3AInternals;
import org.apache.hadoop.fs.s3a.api.RequestFactory;
import org.apache.hadoop.fs.s3a.impl.AWSClientConfig;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * S3A's client of a bucket, opened when it is first used and again after it was idle.
 *
 * <p>A client has threads and connections, which would stay with the class loader of their job on a
 * cluster that many jobs share. Nothing tells a library in which process a job ends; so what was
 * idle for a minute is closed. Thread safe.
 */
final class S3Connection implements Closeable {

  /** Sends a request. */
  @FunctionalInterface
  interface Request<T> {
    /** Returns the answer. */
    T send(S3Client client, RequestFactory requests) throws IOException;
  }

  /** How long a client may be idle. */
  private static final Duration IDLE = Duration.ofMinutes(1);

  /** S3A raises shorter time-outs than this one. */
  private static final Duration SHORTEST_TIMEOUT = Duration.ofSeconds(1);

  private static final ExecutorService THREADS = CallThreads.named("countersign-s3-idle");

  private final URI root;
  private final Configuration configuration;
  private final Duration idle;
  private @Nullable S3AFileSystem open;
  private int users;
  private long usedNanos;

  S3Connection(String bucket, Configuration configuration) {
    this(bucket, configuration, IDLE);
  }

  S3Connection(String bucket, Configuration configuration, Duration idle) {
    this.root = URI.create("s3a://" + bucket + "/");
    this.configuration = configuration;
    this.idle = idle;
  }

  /** Sends a request. What it returns must not need the client, as the body of an answer does. */
  <T> T send(Request<T> request) throws IOException {
    S3AInternals internals = acquire().getS3AInternals();
    try {
      return request.send(
          internals.getAmazonS3Client("countersign"), internals.getStore().getRequestFactory());
    } finally {
      release();
    }
  }

  private synchronized S3AFileSystem acquire() throws IOException {
    S3AFileSystem current = open;
    if (current == null) {
      current = connect();
      open = current;
      S3AFileSystem opened = current;
      THREADS.execute(() -> closeWhenIdle(opened));
    }
    users++;
    return current;
  }

  private synchronized void release() {
    users--;
    usedNanos = System.nanoTime();
  }

  /**
   * Makes a client. Its threads have the class loader of S3A, not that of the job that made them.
   */
  private S3AFileSystem connect() throws IOException {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(S3AFileSystem.class.getClassLoader());
    try {
      AWSClientConfig.setMinimumOperationDuration(SHORTEST_TIMEOUT);
      S3AFileSystem made = new S3AFileSystem();
      made.initialize(root, configuration);
      return made;
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private void closeWhenIdle(S3AFileSystem opened) {
    try {
      awaitIdle(opened);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closeQuietly(opened);
    }
  }

  private synchronized void awaitIdle(S3AFileSystem opened) throws InterruptedException {
    try {
      while (open == opened) {
        long left = users > 0 ? idle.toNanos() : usedNanos + idle.toNanos() - System.nanoTime();
        if (left <= 0) {
          return;
        }
        TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, 1_000_000));
      }
    } finally {
      if (open == opened) {
        open = null;
      }
    }
  }

  /** Tells whether there is a client now. */
  synchronized boolean isOpen() {
    return open != null;
  }

  @Override
  public void close() {
    S3AFileSystem opened;
    synchronized (this) {
      opened = open;
      open = null;
      notifyAll();
    }
    if (opened != null) {
      closeQuietly(opened);
    }
  }

  private static void closeQuietly(S3AFileSystem opened) {
    try {
      opened.close();
    } catch (IOException e) {
      // Nothing was written through it.
    }
  }
}
