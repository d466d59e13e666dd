package dev.countersign.storage.hadoop;

import dev.countersign.process.StoreLogin;
import dev.countersign.storage.StorageException;
import dev.countersign.text.StoreUri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;

/**
 * How Hadoop is configured: its files on the class path, then those in {@code HADOOP_CONF_DIR},
 * then the run's settings. Reading the files takes long, so each set of settings is kept.
 */
public final class HadoopConfiguration {

  private static final List<String> FILES = List.of("core-site.xml", "hdfs-site.xml");

  /** Schemes whose file systems this program ships. */
  private static final Set<String> SHIPPED = Set.of("hdfs", "viewfs", "webhdfs", "swebhdfs");

  /** Those of them whose authority is a host, or stands for some. */
  private static final Set<String> OF_HOSTS = Set.of("hdfs", "webhdfs", "swebhdfs");

  /** Where Hadoop names file systems that nobody here asked for. */
  private static final String DEFAULTS = "core-default.xml";

  private static final Map<Map<String, String>, Configuration> KNOWN = new ConcurrentHashMap<>();

  private HadoopConfiguration() {}

  /**
   * Returns the configuration, which must not be changed.
   *
   * @param uri named if there is none
   * @throws StorageException if the files of the site cannot be found
   */
  public static Configuration with(String uri, Map<String, String> settings)
      throws StorageException {
    try {
      return KNOWN.computeIfAbsent(settings, HadoopConfiguration::load);
    } catch (IllegalArgumentException e) {
      throw HadoopFaults.badAddress(uri, e);
    }
  }

  /**
   * Refuses a URI whose scheme may not be used, or of which it is not clear where it leads. Before
   * the first one that is in HDFS, this process logs in.
   */
  static void requireFileSystem(String uri, Map<String, String> settings) throws StorageException {
    Configuration configuration = with(uri, settings);
    if (!hasFileSystem(StoreUri.parse(uri).scheme(), configuration)) {
      throw HadoopFaults.unsupported(uri, null);
    }
    if (!hasHost(uri, configuration)) {
      throw HadoopFaults.withoutHost(uri);
    }
    if (SHIPPED.contains(StoreUri.parse(uri).scheme())) {
      try {
        StoreLogin.require();
      } catch (IOException e) {
        throw HadoopFaults.loginFailed(uri, e);
      }
    }
  }

  /**
   * Tells whether a scheme may be used: its file system is shipped, or the site or the caller named
   * the class. What Hadoop merely finds on the class path, such as that of http or ftp, would send
   * requests to whatever host a name has.
   */
  private static boolean hasFileSystem(String scheme, Configuration configuration) {
    if (SHIPPED.contains(scheme)) {
      return true;
    }
    String[] sources = configuration.getPropertySources("fs." + scheme + ".impl");
    return sources != null && sources.length > 0 && !sources[sources.length - 1].equals(DEFAULTS);
  }

  /**
   * Tells whether it is clear which host a URI is of: where neither it nor the configuration names
   * one, Hadoop would ask for a host called null.
   */
  private static boolean hasHost(String uri, Configuration configuration) {
    StoreUri parts = StoreUri.parse(uri);
    return !parts.authority().isEmpty()
        || !OF_HOSTS.contains(parts.scheme())
        || defaultStore(configuration)
            .filter(store -> store.scheme().equals(parts.scheme()) && !store.authority().isEmpty())
            .isPresent();
  }

  /**
   * Tells whether the configuration names the store that a URI is in: as the default one, as an
   * HDFS name service, or as a mount table.
   */
  static boolean namesStore(String uri, Map<String, String> settings) throws StorageException {
    Configuration configuration = with(uri, settings);
    StoreUri parts = StoreUri.parse(uri);
    if (parts.authority().isEmpty() || parts.scheme().equals("viewfs")) {
      return true;
    }
    if (SHIPPED.contains(parts.scheme())
        && configuration
            .getTrimmedStringCollection("dfs.nameservices")
            .contains(parts.authority())) {
      return true;
    }
    return defaultStore(configuration)
        .filter(store -> store.store().equals(parts.store()))
        .isPresent();
  }

  /**
   * Returns a setting of S3A that the site or the caller set: for the bucket of a URI alone, or
   * else for all buckets. Secrets may come from a credential provider. Hadoop's defaults do not
   * count.
   *
   * @param name without {@code fs.s3a.}
   */
  public static Optional<String> ofBucket(String uri, Map<String, String> settings, String name)
      throws StorageException {
    Configuration configuration = with(uri, settings);
    String providers = configuration.getTrimmed("fs.s3a.security.credential.provider.path", "");
    if (!providers.isEmpty()) {
      configuration = new Configuration(configuration);
      configuration.set("hadoop.security.credential.provider.path", providers);
    }
    String bucket = StoreUri.parse(uri).authority();
    for (String key : List.of("fs.s3a.bucket." + bucket + "." + name, "fs.s3a." + name)) {
      String[] sources = configuration.getPropertySources(key);
      if (sources == null || !sources[sources.length - 1].equals(DEFAULTS)) {
        try {
          char[] value = configuration.getPassword(key);
          if (value != null && !String.valueOf(value).isBlank()) {
            return Optional.of(String.valueOf(value).strip());
          }
        } catch (IOException e) {
          throw HadoopFaults.reading(uri, e);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Returns a setting that is a whole number.
   *
   * @param uri named in the message
   * @param otherwise if nobody set it
   * @throws StorageException {@link StorageException.Kind#UNSUPPORTED} if it is something else
   */
  public static int number(String uri, Configuration configuration, String key, int otherwise)
      throws StorageException {
    try {
      return configuration.getInt(key, otherwise);
    } catch (NumberFormatException e) {
      throw HadoopFaults.badSetting(uri, configuration, key, "Write a whole number.", e);
    }
  }

  /**
   * Returns a setting that is a time, as {@link #number}. It may have a unit, such as {@code 30s}.
   *
   * @param unit of a number without one
   * @param otherwise in milliseconds
   * @return in milliseconds
   */
  public static long millis(
      String uri, Configuration configuration, String key, TimeUnit unit, long otherwise)
      throws StorageException {
    try {
      return configuration.get(key) == null
          ? otherwise
          : configuration.getTimeDuration(key, 0, unit, TimeUnit.MILLISECONDS);
    } catch (NumberFormatException e) {
      throw HadoopFaults.badSetting(uri, configuration, key, "Write a time such as 30s.", e);
    }
  }

  /** Returns a setting in bytes, as {@link #number}. It may have a unit, such as {@code 8M}. */
  public static long bytes(String uri, Configuration configuration, String key, long otherwise)
      throws StorageException {
    try {
      return configuration.getLongBytes(key, otherwise);
    } catch (IllegalArgumentException e) {
      throw HadoopFaults.badSetting(uri, configuration, key, "Write a size such as 8M.", e);
    }
  }

  private static Optional<StoreUri> defaultStore(Configuration configuration) {
    return Optional.of(configuration.getTrimmed("fs.defaultFS", "") + "/")
        .filter(StoreUri::isAbsolute)
        .map(StoreUri::parse);
  }

  private static Configuration load(Map<String, String> settings) {
    Configuration configuration = new Configuration();
    String directory = System.getenv("HADOOP_CONF_DIR");
    if (directory != null && !directory.isBlank()) {
      FILES.forEach(file -> addFile(configuration, directory, file));
    }
    settings.forEach(configuration::set);
    return configuration;
  }

  private static void addFile(Configuration configuration, String directory, String file) {
    try {
      Path path = Path.of(directory, file);
      if (Files.isRegularFile(path)) {
        configuration.addResource(new org.apache.hadoop.fs.Path(path.toUri()));
      }
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          "HADOOP_CONF_DIR is not a valid path on this machine: " + e.getReason(), e);
    }
  }
}
