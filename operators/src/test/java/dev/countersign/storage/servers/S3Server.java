package dev.countersign.storage.servers;

import java.io.IOException;
import java.net.URI;
import java.util.Map;

/** A server that speaks S3. */
public abstract class S3Server implements StoreServer {

  static final String KEY = "labkey";
  static final String SECRET = "labsecret123";

  private final FaultProxy front;
  private final S3Buckets buckets;

  S3Server(FaultProxy front) {
    this.front = front;
    this.buckets = new S3Buckets(front.uri(), KEY, SECRET);
  }

  @Override
  public final URI newBucket() throws IOException {
    return buckets.make();
  }

  @Override
  public final Map<String, String> settings() {
    return buckets.settings();
  }

  /** Returns the server's objects. */
  public final S3Buckets buckets() {
    return buckets;
  }

  @Override
  public final FaultProxy front() {
    return front;
  }

  /** Closes what is in front of the server, and stops it. */
  @Override
  public final void close() throws Exception {
    buckets.close();
    front.close();
    stop();
  }

  abstract void stop() throws Exception;
}
