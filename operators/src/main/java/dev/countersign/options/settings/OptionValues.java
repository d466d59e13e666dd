package dev.countersign.options.settings;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.countersign.options.Command;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.DeclaredOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The options of one command as they were given, each read and checked by itself. A flag comes
 * before the environment, that before the configuration file, that before the default. Immutable.
 */
public final class OptionValues {

  private final Command command;
  private final Map<DeclaredOption<?>, Object> given;

  private OptionValues(Command command, Map<DeclaredOption<?>, Object> given) {
    this.command = command;
    this.given = given;
  }

  /**
   * Reads the options of a command.
   *
   * @param flags what was given on the command line, by key
   * @param environment the process's environment; what is no option's variable is not looked at
   * @param file the configuration file; an empty one if there is none
   * @throws UsageException if a value breaks its option's rule, or the file has a key that is no
   *     option
   */
  public static OptionValues resolve(
      Command command,
      Map<String, List<String>> flags,
      Map<String, String> environment,
      ConfigEntries file) {
    file.requireKnownKeys();
    Map<DeclaredOption<?>, Object> given = new LinkedHashMap<>();
    for (DeclaredOption<?> option : DeclaredOptions.of(command)) {
      List<String> flag = flags.get(option.key());
      String variable = environment.get(option.variable());
      List<String> entry = file.entries().get(option.key());
      if (flag != null) {
        given.put(option, option.read(flag, option.flag()));
      } else if (variable != null) {
        given.put(option, option.read(split(option, variable), option.variable()));
      } else if (entry != null) {
        given.put(option, option.read(entry, file.origin(option.key())));
      }
    }
    return new OptionValues(command, given);
  }

  /** Semicolons, since colons are in URIs and commas in names. */
  private static List<String> split(DeclaredOption<?> option, String variable) {
    return option.isList() ? List.of(variable.split(";", -1)) : List.of(variable);
  }

  /** Returns the command that the options are for. */
  public Command command() {
    return command;
  }

  /** Tells whether the option was given, wherever, rather than left at its default. */
  public boolean isGiven(DeclaredOption<?> option) {
    return given.containsKey(option);
  }

  /** Returns what was given, or the default; empty if there is neither. */
  public <T> Optional<T> find(DeclaredOption<T> option) {
    return Optional.ofNullable(valueOf(option));
  }

  /** Returns what was given, or the default, as the option would be given; empty if neither. */
  public <T> Optional<String> text(DeclaredOption<T> option) {
    return find(option).map(option::text);
  }

  /**
   * Returns what was given, or the default.
   *
   * @throws IllegalStateException if there is neither: the option must have a default
   */
  public <T> T get(DeclaredOption<T> option) {
    return find(option)
        .orElseThrow(() -> new IllegalStateException(option.flag() + " has no default"));
  }

  /**
   * Returns what was given, or the default.
   *
   * @throws UsageException if there is neither
   */
  @CanIgnoreReturnValue
  public <T> T require(DeclaredOption<T> option) {
    return find(option)
        .orElseThrow(
            () ->
                UsageException.of(
                    "%s needs %s %s: %s.",
                    command.words(), option.flag(), option.label(), option.summary()));
  }

  /**
   * Refuses two options together.
   *
   * @throws UsageException if both were given, switches switched on
   */
  void refuseTogether(DeclaredOption<?> one, DeclaredOption<?> other, String why) {
    if (isSet(one) && isSet(other)) {
      throw UsageException.of("%s does not go with %s: %s", one.flag(), other.flag(), why);
    }
  }

  /**
   * Refuses an option without another one.
   *
   * @throws UsageException if {@code one} was given and the other was not, or is switched off
   */
  void requireWith(DeclaredOption<?> one, DeclaredOption<?> other, String why) {
    if (isGiven(one) && !isSet(other)) {
      throw UsageException.of("%s needs %s: %s", one.flag(), other.flag(), why);
    }
  }

  private boolean isSet(DeclaredOption<?> option) {
    return isGiven(option) && !Boolean.FALSE.equals(given.get(option));
  }

  /** Returns what was given as {@code key=value}, in the order of help. Options hold no secrets. */
  public List<String> recorded() {
    List<String> recorded = new ArrayList<>();
    given.forEach((option, value) -> recorded.add(option.key() + "=" + option.text(value)));
    return recorded;
  }

  @SuppressWarnings("unchecked") // put there by resolve(), as the option read it
  private <T> @Nullable T valueOf(DeclaredOption<T> option) {
    Object value = given.get(option);
    return value == null ? option.defaultValue() : (T) value;
  }
}
