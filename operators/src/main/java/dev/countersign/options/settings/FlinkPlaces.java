package dev.countersign.options.settings;

import dev.countersign.options.DeclaredOption;
import dev.countersign.options.UsageException;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.text.StoreUri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.plugin.DefaultPluginManager;
import org.apache.flink.core.plugin.DirectoryBasedPluginFinder;
import org.apache.flink.core.plugin.PluginManager;
import org.jspecify.annotations.Nullable;

/**
 * Places that Flink reads and writes itself, such as folders of results. Flink takes any scheme for
 * which Hadoop finds a class, http among them; here the rule of {@link Storages} holds, unless
 * Flink has a file system of its own for the scheme, as from a plugin.
 */
public final class FlinkPlaces {

  /** Where Flink's scripts and ours say that plugins are. */
  private static final String PLUGINS = "FLINK_PLUGINS_DIR";

  /** Flink's plugin for each scheme of which it reads and writes nothing without it. */
  private static final Map<String, String> PLUGIN_OF =
      Map.of(
          "s3", "flink-s3-fs-native",
          "gs", "flink-gs-fs-hadoop",
          "abfs", "flink-azure-fs-hadoop",
          "abfss", "flink-azure-fs-hadoop");

  /** Of these, without the plugin, Flink reads through Hadoop's file system. */
  private static final String READ_BY_HADOOP = "gs;abfs;abfss";

  /**
   * Settings that Google's connector needs where Hadoop's defaults, which are for another one, do
   * not suit it: its class, and sizes without a unit.
   */
  private static final Map<String, String> OF_GOOGLE =
      Map.of(
          "fs.gs.impl", "com.google.cloud.hadoop.fs.gcs.GoogleHadoopFileSystem",
          "fs.gs.block.size", "67108864",
          "fs.gs.inputstream.inplace.seek.limit", "8388608",
          "fs.gs.inputstream.min.range.request.size", "2097152",
          "fs.gs.outputstream.buffer.size", "8388608",
          "fs.gs.rewrite.max.chunk.size", "536870912");

  /** Kept, since a logger that nobody keeps loses its level: this one prints statistics. */
  private static final Logger LOG_OF_GOOGLE = Logger.getLogger("com.google.cloud.hadoop.fs.gcs");

  private FlinkPlaces() {}

  /**
   * Returns a URI as Flink wants it: it takes a path without a scheme for its default store's, and
   * a place on S3 has one name, by which a checkpoint finds it again.
   */
  public static String inFlinksForm(String uri) {
    if (uri.startsWith("s3a://")) {
      return "s3://" + uri.substring("s3a://".length());
    }
    return uri.startsWith("/") ? "file://" + uri : uri;
  }

  /**
   * Sets up the file systems that Flink has in this process.
   *
   * @param hadoop settings for Hadoop's file systems
   * @param places absolute URIs of what Flink is to read and write
   * @throws UsageException if a setting for S3 cannot be carried over
   */
  public static void configure(Map<String, String> hadoop, Collection<String> places) {
    boolean needsPlugin = places.stream().anyMatch(place -> PLUGIN_OF.containsKey(schemeOf(place)));
    if (hadoop.isEmpty() && !needsPlugin) {
      return;
    }
    Configuration configuration = new Configuration();
    if (places.stream().anyMatch(place -> schemeOf(place).equals("gs"))) {
      LOG_OF_GOOGLE.setLevel(Level.WARNING);
      OF_GOOGLE.forEach((key, value) -> configuration.setString("flink.hadoop." + key, value));
    }
    hadoop.forEach((key, value) -> configuration.setString("flink.hadoop." + key, value));
    configuration.set(CoreOptions.ALLOWED_FALLBACK_FILESYSTEMS, READ_BY_HADOOP);
    FlinkS3.settings(List.copyOf(places), hadoop).forEach(configuration::setString);
    FileSystem.initialize(configuration, needsPlugin ? plugins(configuration) : null);
  }

  private static @Nullable PluginManager plugins(Configuration configuration) {
    String named = System.getenv(PLUGINS);
    if (named == null || named.isBlank() || !Files.isDirectory(Path.of(named))) {
      return null;
    }
    try {
      return new DefaultPluginManager(
          new DirectoryBasedPluginFinder(Path.of(named)).findPlugins(),
          CoreOptions.getPluginParentFirstLoaderPatterns(configuration));
    } catch (IOException | RuntimeException e) {
      throw UsageException.of(
          e,
          "%s is %s, whose plugins cannot be read (%s). Each is a folder with jars.",
          PLUGINS,
          Printable.of(named),
          Printable.of(String.valueOf(e.getMessage())));
    }
  }

  private static String schemeOf(String uri) {
    return StoreUri.parse(inFlinksForm(uri)).scheme();
  }

  /** Returns why a place cannot be read, for the user; empty if it can. Sends no request. */
  public static Optional<String> fault(String uri) {
    String scheme = schemeOf(uri);
    if (scheme.isEmpty() || scheme.equals("file") || hasFileSystem(scheme)) {
      return Optional.empty();
    }
    if (scheme.equals("s3")) {
      return Optional.of(lacksPlugin(uri, scheme, ""));
    }
    try {
      Storages.requireFileSystem(uri);
      return Optional.empty();
    } catch (StorageException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static boolean hasFileSystem(String scheme) {
    return FileSystem.getRegisteredFileSystemFactories().stream()
        .map(FileSystemFactory::getScheme)
        .anyMatch(scheme::equals);
  }

  private static String lacksPlugin(String uri, String scheme, String instead) {
    return Message.of(
        "%s needs %s, a plugin of Flink's, which is missing. Put its jar into a folder of its own"
            + " in plugins/, beside countersign.jar or, on a cluster, in Flink's folder on every"
            + " machine%s.",
        Printable.of(uri), PLUGIN_OF.get(scheme), instead);
  }

  /**
   * Does nothing if an option names a place that can be read.
   *
   * @throws UsageException if not
   */
  public static void requireUsable(DeclaredOption<?> option, String uri) {
    Optional<String> fault = fault(uri);
    if (fault.isPresent()) {
      throw UsageException.of("%s: %s", option.flag(), fault.get());
    }
  }

  /**
   * Does nothing if an option names a place that results or checkpoints may be written to.
   *
   * @throws UsageException if not
   */
  public static void requireWritable(DeclaredOption<?> option, String uri) {
    String scheme = schemeOf(uri);
    if (PLUGIN_OF.containsKey(scheme) && !hasFileSystem(scheme)) {
      throw UsageException.of(
          "%s: %s",
          option.flag(),
          lacksPlugin(uri, scheme, ", or name a local folder, or one on HDFS or S3"));
    }
    requireUsable(option, uri);
  }
}
