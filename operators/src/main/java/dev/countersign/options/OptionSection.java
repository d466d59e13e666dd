package dev.countersign.options;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.options.DeclaredOption.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;

/**
 * Declares options that have the heading, the commands and their identity in common, and keeps them
 * in the order of their declarations. Variants of a section keep their options in one list. Not
 * thread safe: used while a class with options is initialized.
 */
public final class OptionSection {

  private final List<DeclaredOption<?>> declared;
  private final OptionGroup group;
  private final Set<Command> commands;
  private final Set<Command> common;
  private final Identity identity;

  private OptionSection(
      List<DeclaredOption<?>> declared,
      OptionGroup group,
      Set<Command> commands,
      Set<Command> common,
      Identity identity) {
    this.declared = declared;
    this.group = group;
    this.commands = commands;
    this.common = common;
    this.identity = identity;
  }

  /** A section of options that identify a command by their values and are not in its short help. */
  public OptionSection(OptionGroup group, Set<Command> commands) {
    this(new ArrayList<>(), group, commands, Set.of(), Identity.VALUE);
  }

  /** Returns the variant with another heading. */
  public OptionSection under(OptionGroup other) {
    return new OptionSection(declared, other, commands, common, identity);
  }

  /** Returns the variant for options that other commands accept. */
  public OptionSection acceptedBy(Set<Command> those) {
    return new OptionSection(declared, group, those, common, identity);
  }

  /** Returns the variant for options in the short help of those commands that accept them. */
  public OptionSection commonIn(Set<Command> those) {
    return new OptionSection(declared, group, commands, those, identity);
  }

  /** Returns the variant for options that identify a command by their content or not at all. */
  public OptionSection identifiedBy(Identity what) {
    return new OptionSection(declared, group, commands, common, what);
  }

  /** Declares an option that may be given once. */
  public <T> DeclaredOption<T> option(
      ConfigOption<T> option, ValueType<T> type, String description) {
    return declare(option, type, false, description);
  }

  /** Declares an option that may be given several times. */
  public DeclaredOption<List<String>> list(
      ConfigOption<List<String>> option, ValueType<String> type, String description) {
    return declare(option, type, true, description);
  }

  /** Declares a switch that is off by default. */
  public DeclaredOption<Boolean> toggle(String key, String description) {
    return option(key(key).booleanType().defaultValue(false), ValueType.SWITCH, description);
  }

  private <T> DeclaredOption<T> declare(
      ConfigOption<T> option, ValueType<?> type, boolean isList, String description) {
    DeclaredOption<T> result =
        new DeclaredOption<>(
            option.withDescription(description),
            description,
            type,
            isList,
            group,
            commands,
            common,
            identity);
    declared.add(result);
    return result;
  }

  /** Returns the options of this section and its variants. */
  public List<DeclaredOption<?>> declared() {
    return List.copyOf(declared);
  }
}
