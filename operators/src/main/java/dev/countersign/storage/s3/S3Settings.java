package dev.countersign.storage.s3;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.hadoop.HadoopConfiguration;
import dev.countersign.text.Printable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;

/**
 * Makes S3A's configuration for a bucket: that of the site and the caller, and what must hold
 * whatever they say. S3A prefers settings of a bucket, so all of ours are set under both names.
 */
final class S3Settings {

  /**
   * Keys of settings of all buckets; those of one have its name and a dot after {@code bucket.}.
   */
  private static final String PREFIX = "fs.s3a.";

  private static final String STREAM_TYPE = "input.stream.type";

  private static final String CONNECTIONS = "connection.maximum";

  private static final String ENCRYPTION = "encryption.algorithm";

  /** Where Hadoop keeps values that nobody here chose. */
  private static final String DEFAULTS = "core-default.xml";

  /** Connections that planners, readers and writers of a process may need at the same time. */
  private static final int LEAST_CONNECTIONS = 512;

  /** Bounds on waiting, so that a wrong endpoint fails in seconds, where a site has no own ones. */
  private static final Map<String, String> TIMES =
      Map.of(
          "connection.establish.timeout", "5s",
          "connection.timeout", "30s",
          "connection.request.timeout", "60s");

  /**
   * One layer of retries: ours, which the run's settings bound. And no request that nobody sent.
   */
  private static final Map<String, String> PINS =
      Map.of(
          "attempts.maximum", "0",
          "retry.limit", "0",
          "retry.throttle.limit", "0",
          "bucket.probe", "0",
          "multipart.purge", "false");

  /** Settings of S3A's client that are times; a number without a unit is in milliseconds. */
  private static final List<String> DURATIONS =
      List.of(
          "connection.acquisition.timeout",
          "connection.establish.timeout",
          "connection.idle.time",
          "connection.request.timeout",
          "connection.timeout",
          "connection.ttl",
          "threads.keepalivetime");

  private static final List<String> NUMBERS =
      List.of(
          CONNECTIONS,
          "executor.capacity",
          "fast.upload.active.blocks",
          "list.version",
          "max.total.tasks",
          "paging.maximum",
          "proxy.port",
          "socket.recv.buffer",
          "socket.send.buffer",
          "threads.max");

  private static final List<String> SIZES =
      List.of("block.size", "multipart.size", "multipart.threshold", "readahead.range");

  private final Configuration site;
  private final Map<String, String> settings;
  private final String bucket;

  private S3Settings(Configuration site, Map<String, String> settings, String bucket) {
    this.site = site;
    this.settings = settings;
    this.bucket = bucket;
  }

  /**
   * Returns the configuration for a bucket.
   *
   * @throws StorageException {@link StorageException.Kind#UNSUPPORTED} if it excludes that models
   *     can be verified
   */
  static Configuration of(String uri, String bucket, Map<String, String> settings)
      throws StorageException {
    return of(uri, bucket, settings, HadoopConfiguration.with(uri, settings));
  }

  /** Returns such a configuration, from that of the site with the caller's settings. */
  static Configuration of(
      String uri, String bucket, Map<String, String> settings, Configuration site)
      throws StorageException {
    S3Settings own = new S3Settings(site, settings, bucket);
    own.requireServerSideEncryption(uri);
    own.requireNumbers(uri);
    return own.pinned();
  }

  /** Returns the value for the bucket, or that for all; empty if there is neither. */
  static String value(Configuration configuration, String bucket, String name) {
    return configuration.getTrimmed(own(bucket, name), configuration.getTrimmed(PREFIX + name, ""));
  }

  private Configuration pinned() {
    Configuration pinned = new Configuration(site);
    PINS.forEach((name, value) -> pin(pinned, name, value));
    TIMES.forEach(
        (name, value) -> {
          if (isDefault(name)) {
            pin(pinned, name, value);
          }
        });
    if (connections() < LEAST_CONNECTIONS) {
      pin(pinned, CONNECTIONS, String.valueOf(LEAST_CONNECTIONS));
    }
    // S3A's default, analytics, answers a second read from memory, and runs out of it.
    if (!settings.containsKey(PREFIX + STREAM_TYPE)
        && !settings.containsKey(own(bucket, STREAM_TYPE))) {
      pin(pinned, STREAM_TYPE, "classic");
    }
    return pinned;
  }

  private int connections() {
    return site.getInt(own(bucket, CONNECTIONS), site.getInt(PREFIX + CONNECTIONS, 0));
  }

  private void pin(Configuration pinned, String name, String value) {
    pinned.set(PREFIX + name, value);
    pinned.set(own(bucket, name), value);
  }

  /** Tells whether neither the site nor the caller chose a value. */
  private boolean isDefault(String name) {
    String[] sources = site.getPropertySources(PREFIX + name);
    return site.get(own(bucket, name)) == null
        && (sources == null || sources.length == 0 || sources[sources.length - 1].equals(DEFAULTS));
  }

  /**
   * Refuses encryption by the client: the length and bytes of an object are then not those of its
   * file.
   */
  private void requireServerSideEncryption(String uri) throws StorageException {
    String algorithm = value(site, bucket, ENCRYPTION);
    if (algorithm.isEmpty()) {
      algorithm = value(site, bucket, "server-side-" + ENCRYPTION.replace('.', '-'));
    }
    if (algorithm.toUpperCase(Locale.ROOT).startsWith("CSE")) {
      throw StorageException.of(
          StorageException.Kind.UNSUPPORTED,
          uri,
          "%s cannot be used: %s is %s, and objects that their writers encrypted cannot be read"
              + " here. Use encryption by the store, such as SSE-KMS.",
          Printable.of(uri),
          PREFIX + ENCRYPTION,
          Printable.of(algorithm));
    }
  }

  /** Refuses numbers that S3A could not read, before it fails for each model with no name. */
  private void requireNumbers(String uri) throws StorageException {
    for (String name : DURATIONS) {
      for (String key : List.of(PREFIX + name, own(bucket, name))) {
        long unused = HadoopConfiguration.millis(uri, site, key, TimeUnit.MILLISECONDS, 0);
      }
    }
    for (String name : NUMBERS) {
      for (String key : List.of(PREFIX + name, own(bucket, name))) {
        int unused = HadoopConfiguration.number(uri, site, key, 0);
      }
    }
    for (String name : SIZES) {
      for (String key : List.of(PREFIX + name, own(bucket, name))) {
        long unused = HadoopConfiguration.bytes(uri, site, key, 0);
      }
    }
  }

  private static String own(String bucket, String name) {
    return PREFIX + "bucket." + bucket + "." + name;
  }
}
