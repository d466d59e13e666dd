package dev.countersign.options;

import dev.countersign.text.Printable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.jspecify.annotations.Nullable;

/**
 * Option with its key, type, default and description, and the commands that accept it. Made by an
 * {@link OptionSection}.
 *
 * @param <T> what a value is; a list for an option that may be given several times
 * @param option declaration as Flink knows it
 * @param description one or more sentences, without the default
 * @param type how a value, or an element of a list, is read and written
 * @param isList whether the option may be given several times
 * @param group heading that the option is listed under
 * @param commands commands that accept the option, in their order
 * @param common commands whose short help shows the option, if they accept it
 * @param identity what of the option identifies a command
 */
public record DeclaredOption<T>(
    ConfigOption<T> option,
    String description,
    ValueType<?> type,
    boolean isList,
    OptionGroup group,
    Set<Command> commands,
    Set<Command> common,
    Identity identity) {

  private static final String ENVIRONMENT_PREFIX = "COUNTERSIGN_";

  /**
   * What of an option identifies a command, so that only the same command resumes a run. An option
   * counts by its value unless its declaration says otherwise.
   */
  public enum Identity {
    /** The value: it changes what is done. */
    VALUE,
    /** The content of what the value names, such as a key or a catalog, wherever it is stored. */
    CONTENT,
    /** Nothing: it changes how a run is done, or what is shown of it. */
    NONE
  }

  public DeclaredOption {
    commands = Collections.unmodifiableSet(EnumSet.copyOf(commands));
    common = Set.copyOf(common);
  }

  /** Returns the key, as in a configuration file: the flag without its dashes. */
  public String key() {
    return option.key();
  }

  /** Returns the flag, such as {@code --hash-algorithm}. */
  public String flag() {
    return "--" + key();
  }

  /** Returns the environment variable, such as {@code COUNTERSIGN_HASH_ALGORITHM}. */
  public String variable() {
    return ENVIRONMENT_PREFIX + key().toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /** Returns what stands for a value in help; empty for a switch. */
  public String label() {
    return type.label();
  }

  /** Tells whether the option is a switch, which takes no value on the command line. */
  public boolean isSwitch() {
    return label().isEmpty();
  }

  /** Tells whether the option is a switch that is on unless {@code --no-...} is given. */
  public boolean isOnByDefault() {
    return Boolean.TRUE.equals(option.defaultValue());
  }

  /** Returns the first sentence of the description, without its period. */
  public String summary() {
    return description.split("\\.( |$)", 2)[0];
  }

  /** Tells whether the short help of a command shows the option. */
  public boolean isCommonIn(Command command) {
    return commands.contains(command) && common.contains(command);
  }

  /** Returns the default as it would be typed; empty if there is none or it is an empty list. */
  public String defaultText() {
    T value = option.defaultValue();
    return value == null ? "" : text(value);
  }

  /** Returns a value as it would be typed; the elements of a list are joined with semicolons. */
  public String text(Object value) {
    if (isList) {
      return ((List<?>) value).stream().map(String::valueOf).collect(Collectors.joining(";"));
    }
    return write(type, value);
  }

  /**
   * Reads what was given.
   *
   * @param texts at least one text, and one only unless this is a list
   * @param origin where they were given, for messages: the flag, the variable, the file and key
   * @throws UsageException if a text breaks the rule, or there are several where one is taken
   */
  @SuppressWarnings("unchecked") // a list option is one of strings; any other has its type's values
  public T read(List<String> texts, String origin) {
    List<Object> values = new ArrayList<>();
    for (String text : texts) {
      values.add(
          type.reader()
              .apply(isList ? text : text.strip())
              .orElseThrow(
                  () ->
                      UsageException.of(
                          "%s is '%s', but must be %s.", origin, Printable.of(text), type.rule())));
    }
    if (isList) {
      return (T) List.copyOf(values);
    }
    if (values.size() != 1) {
      throw UsageException.of("%s takes one value, not %d.", origin, values.size());
    }
    return (T) values.get(0);
  }

  /** Returns the default, or null if there is none. */
  public @Nullable T defaultValue() {
    return option.defaultValue();
  }

  @SuppressWarnings("unchecked") // a value of this option was made by this type
  private static <V> String write(ValueType<V> type, Object value) {
    return type.writer().apply((V) value);
  }

  @Override
  public String toString() {
    return flag();
  }
}
