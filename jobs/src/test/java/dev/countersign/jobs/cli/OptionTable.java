package dev.countersign.jobs.cli;

import dev.countersign.options.DeclaredOption;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.declarations.DeclaredOptions;
import dev.countersign.text.Message;
import java.util.Locale;

/** Makes the tables of all options in jobs/OPTIONS.md, in Markdown. */
final class OptionTable {

  private OptionTable() {}

  /** Returns a table of contents and a table for each group, each line ended. */
  static String markdown() {
    StringBuilder table = new StringBuilder();
    for (OptionGroup group : OptionGroup.values()) {
      table.append(Message.of("- [%s](#%s)\n", group.heading(), anchor(group.heading())));
    }
    for (OptionGroup group : OptionGroup.values()) {
      table.append("\n## ").append(group.heading()).append("\n\n");
      table.append("| Option | Default | What it does |\n|---|---|---|\n");
      for (DeclaredOption<?> option : DeclaredOptions.all()) {
        if (option.group() == group) {
          table.append(row(option));
        }
      }
    }
    return table.toString();
  }

  /** Returns the anchor that GitHub gives to a heading. */
  private static String anchor(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 -]", "").replace(' ', '-');
  }

  private static String row(DeclaredOption<?> option) {
    String flag = option.isOnByDefault() ? "--[no-]" + option.key() : option.flag();
    String label = option.label().isEmpty() ? "" : " " + option.label();
    String several = option.isList() ? " (repeats)" : "";
    return Message.of(
        "| `%s%s`%s | %s | %s |\n",
        flag,
        label.replace("|", "\\|"),
        several,
        defaultOf(option),
        option.description().replace("|", "\\|").replace("<", "&lt;"));
  }

  private static String defaultOf(DeclaredOption<?> option) {
    if (option.isSwitch()) {
      return option.isOnByDefault() ? "on" : "off";
    }
    return option.defaultText().isEmpty() ? "" : "`" + option.defaultText() + "`";
  }
}
