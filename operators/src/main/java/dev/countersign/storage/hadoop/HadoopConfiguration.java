package dev.countersign.storage.hadoop;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;

/**
 * How Hadoop is configured: its files on the class path, then those in {@code HADOOP_CONF_DIR},
 * then the run's settings. Reading the files takes long, so each set of settings is kept.
 */
final class HadoopConfiguration {

  private static final List<String> FILES = List.of("core-site.xml", "hdfs-site.xml");

  private static final Map<Map<String, String>, Configuration> KNOWN = new ConcurrentHashMap<>();

  private HadoopConfiguration() {}

  /** Returns the configuration, which must not be changed. */
  static Configuration with(Map<String, String> settings) {
    return KNOWN.computeIfAbsent(settings, HadoopConfiguration::load);
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
          "HADOOP_CONF_DIR is no path of this host: " + e.getReason(), e);
    }
  }
}
