package dev.countersign.options;

import dev.countersign.text.Printable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.jspecify.annotations.Nullable;

/**
 * Option with its key, type, default and description, and the commands that accept it. Immutable.
 *
 * @param <T> what a value is; a list for an option that may be given several times
 */
public final class DeclaredOption<T> {

  private static final String ENVIRONMENT_PREFIX = "COUNTERSIGN_";

  private final ConfigOption<T> option;
  private final String description;
  private final ValueType<?> type;
  private final boolean list;
  private final OptionGroup group;
  private final Set<Command> commands;
  private final Set<Command> common;
  private final Identity identity;

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

  private DeclaredOption(
      ConfigOption<T> option,
      String description,
      ValueType<?> type,
      boolean list,
      OptionGroup group,
      Set<Command> commands,
      Set<Command> common,
      Identity identity) {
    this.option = option.withDescription(description);
    this.description = description;
    this.type = type;
    this.list = list;
    this.group = group;
    this.commands = commands;
    this.common = common;
    this.identity = identity;
  }

  public static <T> DeclaredOption<T> of(
      ConfigOption<T> option,
      ValueType<T> type,
      OptionGroup group,
      Set<Command> commands,
      String description) {
    return new DeclaredOption<>(
        option, description, type, false, group, commands, Set.of(), Identity.VALUE);
  }

  public static DeclaredOption<List<String>> ofList(
      ConfigOption<List<String>> option,
      ValueType<String> type,
      OptionGroup group,
      Set<Command> commands,
      String description) {
    return new DeclaredOption<>(
        option, description, type, true, group, commands, Set.of(), Identity.VALUE);
  }

  /** Returns the same option, shown in the short help of those commands that accept it. */
  public DeclaredOption<T> commonIn(Set<Command> those) {
    return new DeclaredOption<>(option, description, type, list, group, commands, those, identity);
  }

  /** Returns the same option, which identifies a command by its content or not at all. */
  public DeclaredOption<T> identifiedBy(Identity what) {
    return new DeclaredOption<>(option, description, type, list, group, commands, common, what);
  }

  /** Returns what of the option identifies a command. */
  public Identity identity() {
    return identity;
  }

  /** Returns the declaration as Flink knows it. */
  public ConfigOption<T> option() {
    return option;
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
    return type.label().isEmpty();
  }

  /** Tells whether the option is a switch that is on unless {@code --no-...} is given. */
  public boolean isOnByDefault() {
    return Boolean.TRUE.equals(option.defaultValue());
  }

  /** Tells whether the option may be given several times. */
  public boolean isList() {
    return list;
  }

  /** Returns the description, one or more sentences, without the default. */
  public String description() {
    return description;
  }

  /** Returns the first sentence of the description, without its period. */
  public String summary() {
    return description.split("\\.( |$)", 2)[0];
  }

  /** Tells whether the short help of a command shows the option. */
  public boolean isCommonIn(Command command) {
    return commands.contains(command) && common.contains(command);
  }

  /** Returns the heading that the option is listed under. */
  public OptionGroup group() {
    return group;
  }

  /** Returns the commands that take the option. */
  public Set<Command> commands() {
    return EnumSet.copyOf(commands);
  }

  /** Returns the default as it would be typed; empty if there is none or it is an empty list. */
  public String defaultText() {
    T value = option.defaultValue();
    if (value == null) {
      return "";
    }
    return text(value);
  }

  /** Returns a value as it would be typed; the elements of a list are joined with semicolons. */
  public String text(Object value) {
    if (list) {
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
              .apply(list ? text : text.strip())
              .orElseThrow(
                  () ->
                      new UsageException(
                          String.format(
                              Locale.ROOT,
                              "%s is '%s', but must be %s.",
                              origin,
                              Printable.of(text),
                              type.rule()))));
    }
    if (list) {
      return (T) List.copyOf(values);
    }
    if (values.size() != 1) {
      throw new UsageException(
          String.format(Locale.ROOT, "%s takes one value, not %d.", origin, values.size()));
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
