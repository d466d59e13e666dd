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

  /** Keys whose value is a secret, by what they hold in whatever place. */
  private static final Pattern SECRET =
      Pattern.compile(
          "secret|password|passphrase|token|session[.-]key|client[.-]key|private[.-]key"
              + "|encryption[.-]key|provided[.-]key|\\.sas\\.");

  /** Those of them that end in a name that somebody chose, such as that of an account. */
  private static final Pattern SECRET_OF_A_NAME =
      Pattern.compile(
          "account\\.key(\\.|\\z)|\\.http\\.headers\\."
              + "|\\.sas\\.(?!token\\.provider\\.type(\\.|\\z))");

  /** Keys whose value names a file, an address or a class, such as a provider of credentials. */
  private static final Pattern NAME =
      Pattern.compile(
          "\\.(file|keyfile|endpoint|provider|provider[.-](impl|path|type)(\\..*)?)\\z");

  /** The key that names where Hadoop keeps credentials. */
  private static final String CREDENTIALS = "hadoop.security.credential.provider.path";

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
      if (!key.startsWith("fs.") && !key.startsWith("dfs.") && !key.equals(CREDENTIALS)) {
        throw UsageException.of(
            "--fs-option %s: the key must begin with fs. or dfs., as in fs.defaultFS, or be %s.",
            Printable.of(key), CREDENTIALS);
      }
      if (isSecret(key.toLowerCase(Locale.ROOT))) {
        throw UsageException.of(
            "--fs-option %s would put a secret on the command line, where others see it. Put it"
                + " into core-site.xml in HADOOP_CONF_DIR, or into a Hadoop credential provider,"
                + " named with %s.",
            Printable.of(key), CREDENTIALS);
      }
      settings.put(key, text.substring(equals + 1));
    }
    return settings;
  }

  private static boolean isSecret(String key) {
    return SECRET_OF_A_NAME.matcher(key).find()
        || (SECRET.matcher(key).find() && !NAME.matcher(key).find());
  }
}
