package dev.countersign.storage.servers;

import java.net.URI;
import java.util.Map;

/** A server of objects on this machine, behind a {@link FaultProxy} that logs its requests. */
public interface StoreServer extends AutoCloseable {

  /** Returns an empty bucket or container of its own, such as {@code s3a://bucket}. */
  URI newBucket() throws Exception;

  /** Returns the options with which Hadoop's file system finds the server, by their names. */
  Map<String, String> settings();

  /** Returns what stands in front of the server. */
  FaultProxy front();

  @Override
  void close() throws Exception;
}
