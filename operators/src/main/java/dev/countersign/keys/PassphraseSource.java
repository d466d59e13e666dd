package dev.countersign.keys;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Message;
import java.io.Serializable;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Where the passphrase of a private key is kept. Only the place is named here: the passphrase
 * itself is loaded on the machine that uses it, so this record may travel in a job.
 *
 * @param file a local file that holds the passphrase, UTF-8, with or without a byte order mark
 *     before it, and with one line end after it or none; empty: no file
 * @param env an environment variable that holds it; empty: no variable
 */
public record PassphraseSource(String file, String env) implements Serializable {

  /** No passphrase. */
  public static final PassphraseSource NONE = new PassphraseSource("", "");

  /**
   * Checks that one place is named at most.
   *
   * @throws IllegalArgumentException if both are
   */
  public PassphraseSource {
    if (!file.isEmpty() && !env.isEmpty()) {
      throw new IllegalArgumentException(
          Message.of(
              "%s and %s were both given; name one of them",
              Setting.PASSWORD_FILE, Setting.PASSWORD_ENV));
    }
  }

  /**
   * Loads the passphrase; the caller wipes it.
   *
   * @return empty if no place is named
   * @throws KeyFormatException if the file cannot be read or the variable is not set, or what they
   *     hold is empty or not text
   */
  public Optional<char[]> load() throws KeyFormatException {
    return load(System::getenv);
  }

  Optional<char[]> load(UnaryOperator<@Nullable String> environment) throws KeyFormatException {
    if (!file.isEmpty()) {
      return Optional.of(fromFile());
    }
    if (!env.isEmpty()) {
      return Optional.of(fromEnvironment(environment));
    }
    return Optional.empty();
  }

  private char[] fromEnvironment(UnaryOperator<@Nullable String> environment)
      throws KeyFormatException {
    String value = environment.apply(env);
    if (value == null || value.isEmpty()) {
      throw new KeySource(KeySource.Role.PASSPHRASE_VARIABLE, env)
          .refuse(
              value == null ? "is not set" : "is empty",
              Remedy.of(
                  "Set it where the key is used (on a cluster: in the environment of the task"
                      + " managers), or check %s.",
                  Setting.PASSWORD_ENV));
    }
    return value.toCharArray();
  }

  private char[] fromFile() throws KeyFormatException {
    KeySource source = new KeySource(KeySource.Role.PASSPHRASE_FILE, file);
    byte[] bytes = source.read();
    try {
      int length = bytes.length;
      if (length > 0 && bytes[length - 1] == '\n') {
        length--;
      }
      if (length > 0 && bytes[length - 1] == '\r') {
        length--;
      }
      int start = Passphrases.byteOrderMark(bytes, length);
      if (length == start) {
        throw source.refuse(
            "is empty",
            Remedy.of("Write the passphrase into it, or leave %s out.", Setting.PASSWORD_FILE));
      }
      return Passphrases.ofUtf8(bytes, start, length);
    } catch (CharacterCodingException e) {
      throw source.refuse("is not UTF-8 text", "Write the passphrase into it as UTF-8.");
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }
}
