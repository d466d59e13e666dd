package dev.countersign.options.settings;

import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.RunOptions;
import dev.countersign.text.Printable;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Settings for Hadoop's file systems that were given one by one. */
public final class HadoopOptions {

  /** Keys whose value is a secret; a provider of credentials is named, not given. */
  private static final Pattern SECRET =
      Pattern.compile("secret|password|passphrase|token|account\\.key|session\\.key|client\\.key");

  private HadoopOptions() {}

  /**
   * Returns the settings by key, in the order given.
   *
   * @throws UsageException if one is no {@code key=value}, is no setting of a file system, or would
   *     put a secret on the command line
   */
  public static Map<String, String> of(OptionValues values) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (String text : values.get(RunOptions.FS_OPTION)) {
      int equals = text.indexOf('=');
      String key = equals < 0 ? text : text.substring(0, equals);
      if (equals < 1) {
        throw new UsageException(
            "--fs-option must be KEY=VALUE, as in fs.defaultFS=hdfs://namenode:8020, but one is"
                + " not.");
      }
      if (!key.startsWith("fs.") && !key.startsWith("dfs.")) {
        throw UsageException.of(
            "--fs-option %s: the key must begin with fs. or dfs., as in fs.defaultFS.",
            Printable.of(key));
      }
      if (SECRET.matcher(key.toLowerCase(Locale.ROOT)).find() && !key.endsWith("provider")) {
        throw UsageException.of(
            "--fs-option %s would put a secret on the command line, where others see it. Put it"
                + " into core-site.xml in HADOOP_CONF_DIR, or into a Hadoop credential provider.",
            Printable.of(key));
      }
      settings.put(key, text.substring(equals + 1));
    }
    return settings;
  }
}
