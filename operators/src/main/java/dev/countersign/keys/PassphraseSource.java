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
 * Where the passphrase of a private key, or the PIN of a token, is kept. Only the place is named
 * here: the passphrase itself is loaded on the machine that uses it, so this record may travel in a
 * job.
 *
 * @param kind what is kept there
 * @param file a local file that holds the passphrase, UTF-8, with or without a byte order mark
 *     before it, and with one line end after it or none; empty: no file
 * @param env an environment variable that holds it; empty: no variable
 */
public record PassphraseSource(Kind kind, String file, String env) implements Serializable {

  /** A secret that opens a private key. */
  public enum Kind {
    /** Passphrase of a file. */
    PASSPHRASE("passphrase", Setting.PASSWORD_FILE, Setting.PASSWORD_ENV),
    /** PIN of a token. */
    PIN("PIN", Setting.PKCS11_URI, Setting.PIN_ENV),
    /** Passphrase for a new key, which is created in this process. */
    NEW_PASSPHRASE("passphrase", Setting.PASSWORD_FILE, Setting.PASSWORD_ENV);

    private final String noun;
    private final Setting fileSetting;
    private final Setting envSetting;

    Kind(String noun, Setting fileSetting, Setting envSetting) {
      this.noun = noun;
      this.fileSetting = fileSetting;
      this.envSetting = envSetting;
    }
  }

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
              "%s and %s were both given; name one of them", kind.fileSetting, kind.envSetting));
    }
  }

  /** The place of the passphrase of an existing key. */
  public PassphraseSource(String file, String env) {
    this(Kind.PASSPHRASE, file, env);
  }

  /** Returns the place of a PIN. */
  public static PassphraseSource pin(String file, String env) {
    return new PassphraseSource(Kind.PIN, file, env);
  }

  /** Returns the file or the variable; empty if no place is named. */
  public String name() {
    return file.isEmpty() ? env : file;
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
      throw new KeySource(
              kind == Kind.PIN ? KeySource.Role.PIN_VARIABLE : KeySource.Role.PASSPHRASE_VARIABLE,
              env)
          .refuse(
              value == null ? "is not set" : "is empty",
              Remedy.of(
                  kind == Kind.NEW_PASSPHRASE
                      ? "Set it, or check %s."
                      : "Set it where the key is used (on a cluster: in the environment of the"
                          + " task managers), or check %s.",
                  kind.envSetting));
    }
    return value.toCharArray();
  }

  private char[] fromFile() throws KeyFormatException {
    KeySource source =
        new KeySource(
            kind == Kind.PIN ? KeySource.Role.PIN_FILE : KeySource.Role.PASSPHRASE_FILE, file);
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
            kind == Kind.PIN
                ? Remedy.text("Write the PIN into it.")
                : Remedy.of(
                    "Write the passphrase into it, or leave %s out.", Setting.PASSWORD_FILE));
      }
      return Passphrases.ofUtf8(bytes, start, length);
    } catch (CharacterCodingException e) {
      throw source.refuse("is not UTF-8 text", "Write the " + kind.noun + " into it as UTF-8.");
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }
}
