package dev.countersign.jobs.cli;

import dev.countersign.jobs.terminal.Console;
import dev.countersign.options.Command;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.DeclaredOptions;
import dev.countersign.options.OptionGroup;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Prints the table of all options for the README, in Markdown, as the declarations have it. A test
 * holds the README to it.
 */
public final class OptionTable {

  private OptionTable() {}

  /** Prints the table. */
  public static void main(String[] arguments) {
    Console.ofProcess().text(markdown());
  }

  /** Returns the table, one for each group, each line ended. */
  static String markdown() {
    StringBuilder table = new StringBuilder();
    for (OptionGroup group : OptionGroup.values()) {
      table.append("\n**").append(group.heading()).append("**\n\n");
      table.append("| Option | Commands | Default | What it does |\n|---|---|---|---|\n");
      for (DeclaredOption<?> option : DeclaredOptions.all()) {
        if (option.group() == group) {
          table.append(row(option));
        }
      }
    }
    return table.substring(1);
  }

  private static String row(DeclaredOption<?> option) {
    String flag = option.isOnByDefault() ? "--[no-]" + option.key() : option.flag();
    String label = option.label().isEmpty() ? "" : " " + option.label();
    String several = option.isList() ? " (repeats)" : "";
    return String.format(
        Locale.ROOT,
        "| `%s%s`%s | %s | %s | %s |\n",
        flag,
        label.replace("|", "\\|"),
        several,
        commands(option),
        defaultOf(option),
        option.description().replace("|", "\\|").replace("<", "&lt;"));
  }

  private static String commands(DeclaredOption<?> option) {
    List<Command> commands = List.copyOf(option.commands());
    return commands.size() == Command.values().length
        ? "all"
        : commands.stream().map(Command::words).sorted().collect(Collectors.joining(", "));
  }

  private static String defaultOf(DeclaredOption<?> option) {
    if (option.isSwitch()) {
      return option.isOnByDefault() ? "on" : "off";
    }
    return option.defaultText().isEmpty() ? "" : "`" + option.defaultText() + "`";
  }
}
