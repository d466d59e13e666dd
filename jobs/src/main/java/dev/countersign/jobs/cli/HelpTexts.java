package dev.countersign.jobs.cli;

import dev.countersign.jobs.terminal.JarText;
import dev.countersign.options.Command;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.declarations.DeclaredOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Layout;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * Texts and layout of help. The short help fits a screen and shows the common options, in a line
 * each; the full help shows all options under their headings.
 */
final class HelpTexts {

  private static final int SHORT_COLUMNS = 80;
  private static final int SHORT_EXAMPLE_LINES = 3;
  private static final int SHORT_LABEL = 20;
  private static final int FULL_COLUMNS = 100;
  private static final int INDENT = 2;

  /**
   * Texts of a command.
   *
   * @param summary first sentence, which fits a line
   * @param details further sentences of the full help; may be empty
   * @param examples command lines, most common first
   */
  private record Text(String summary, String details, List<String> examples) {}

  private static final String[] EXIT_CODES = {
    "",
    "Exit codes:",
    "  0    success",
    "  1    at least one model failed; the others were processed",
    "  2    wrong usage or configuration; nothing was started",
    "  3    the run itself failed, or standard output could not be written",
    "  130  stopped by the user",
  };

  private static final String SOURCES =
      "Options can also be set in a YAML file (--config), as 'hash-algorithm: blake3', or in the"
          + " environment, as COUNTERSIGN_HASH_ALGORITHM=blake3, where semicolons separate several"
          + " values. Flags take precedence over the environment, and the environment over the"
          + " file. Flags may be written with underscores instead of hyphens.";

  private static final Map<String, Text> TEXTS = texts();

  private HelpTexts() {}

  /**
   * Reads the texts by the names of their commands. Each paragraph of the file is a command: its
   * name, its summary, lines of details, and examples behind dollar signs.
   */
  private static Map<String, Text> texts() {
    Map<String, Text> texts = new HashMap<>();
    for (String paragraph : JarText.read(HelpTexts.class, "help.txt").split("\n\n", -1)) {
      List<String> lines = paragraph.lines().toList();
      List<String> examples =
          lines.stream()
              .filter(line -> line.startsWith("$ "))
              .map(line -> line.substring(2))
              .toList();
      String details = String.join(" ", lines.subList(2, lines.size() - examples.size()));
      texts.put(lines.get(0), new Text(lines.get(1), details, examples));
    }
    return texts;
  }

  /** Describes a command and all commands below it, such that picocli prints the short help. */
  static void describe(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    Text text = text(spec);
    UsageMessageSpec usage = spec.usageMessage();
    usage.autoWidth(false).width(SHORT_COLUMNS);
    usage.descriptionHeading("%n");
    usage.description(text.summary());
    usage.commandListHeading("%nCommands:%n");
    usage.synopsisSubcommandLabel("COMMAND");
    usage.abbreviateSynopsis(true);
    usage.optionListHeading("");
    usage.sectionMap().put(UsageMessageSpec.SECTION_KEY_PARAMETER_LIST, help -> "");
    usage.sectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, HelpTexts::commonOptions);
    List<String> footer = new ArrayList<>(List.of("", "Examples:"));
    int end = footer.size() + SHORT_EXAMPLE_LINES;
    for (String example : text.examples()) {
      List<String> lines = broken(example);
      if (footer.size() + lines.size() <= end) {
        footer.addAll(lines);
      }
    }
    footer.add("");
    footer.add(
        String.format(
            Locale.ROOT,
            spec.parent() == null
                ? "Use \"%1$s COMMAND --help\", or \"%1$s --help-all\" for exit codes."
                : "Use \"%s --help-all\" for all options.",
            spec.qualifiedName()));
    usage.footer(escaped(footer));
    command.getSubcommands().values().forEach(HelpTexts::describe);
  }

  /** Returns the full help of a command. */
  static String full(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    Text text = text(spec);
    UsageMessageSpec usage = spec.usageMessage();
    usage.autoWidth(true).width(FULL_COLUMNS);
    int columns = usage.width();
    usage.description(
        escaped(
            wrapped(
                text.summary() + (text.details().isEmpty() ? "" : " " + text.details()),
                columns,
                "")));
    usage.parameterListHeading("%n");
    usage
        .sectionMap()
        .put(
            UsageMessageSpec.SECTION_KEY_PARAMETER_LIST,
            help -> help.parameterList(layout(help), help.parameterLabelRenderer()));
    usage.sectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, HelpTexts::allOptions);
    List<String> footer = new ArrayList<>();
    if (spec.userObject() instanceof Command || spec.parent() == null) {
      footer.addAll(List.of(EXIT_CODES));
      footer.add("");
      footer.addAll(wrapped(SOURCES, columns, ""));
    }
    footer.addAll(List.of("", "Examples:"));
    text.examples().forEach(example -> footer.addAll(broken(example)));
    usage.footer(escaped(footer));
    return command.getUsageMessage(Ansi.AUTO);
  }

  /** Returns the description of an option, with its default and whether it can be repeated. */
  static String description(DeclaredOption<?> option) {
    String text = option.description();
    if (option.isList()) {
      text += " Can be repeated.";
    }
    if (option.isOnByDefault()) {
      text += " On by default.";
    } else if (!option.isSwitch() && !option.defaultText().isEmpty()) {
      text += " Default: " + option.defaultText() + ".";
    }
    return text.replace("%", "%%");
  }

  private static Text text(CommandSpec spec) {
    return Objects.requireNonNull(TEXTS.get(spec.qualifiedName()), spec.qualifiedName());
  }

  /** Breaks a command line before options, as a shell allows, where a screen is too narrow. */
  private static List<String> broken(String example) {
    List<String> lines = new ArrayList<>();
    String indent = " ".repeat(3 * INDENT);
    String rest = " ".repeat(INDENT) + example;
    int end = rest.lastIndexOf(" --", SHORT_COLUMNS - " \\".length());
    while (rest.length() > SHORT_COLUMNS && end >= indent.length()) {
      lines.add(rest.substring(0, end) + " \\");
      rest = indent + rest.substring(end + 1);
      end = rest.lastIndexOf(" --", SHORT_COLUMNS - " \\".length());
    }
    lines.add(rest);
    return lines;
  }

  /**
   * Breaks a text at spaces, and a longer word behind semicolons. Picocli would break options at
   * their hyphens and URIs at their colons.
   */
  private static List<String> wrapped(String text, int columns, String indent) {
    List<String> lines = new ArrayList<>();
    String rest = text;
    while (rest.length() > columns) {
      int end = rest.lastIndexOf(' ', columns);
      if (end <= indent.length()) {
        end = rest.lastIndexOf(';', columns - 1) + 1;
      }
      if (end <= indent.length()) {
        break;
      }
      lines.add(rest.substring(0, end));
      rest = indent + rest.substring(end).stripLeading();
    }
    lines.add(rest);
    return lines;
  }

  private static Ansi.Text[][] wrapped(Ansi.Text[][] rows, Column column, ColorScheme colors) {
    List<Ansi.Text[]> wrapped = new ArrayList<>();
    for (Ansi.Text[] row : rows) {
      Ansi.Text[] cells = row;
      int last = cells.length - 1;
      for (String line :
          wrapped(row[last].plainString(), column.width - column.indent, " ".repeat(INDENT))) {
        cells = cells.clone();
        cells[last] = colors.text(line);
        wrapped.add(cells);
        cells = new Ansi.Text[cells.length];
        Arrays.fill(cells, colors.text(""));
      }
    }
    return wrapped.toArray(Ansi.Text[][]::new);
  }

  private static String[] escaped(List<String> lines) {
    return lines.stream().map(line -> line.replace("%", "%%")).toArray(String[]::new);
  }

  /** The arguments and the common options, in a line each. */
  private static String commonOptions(Help help) {
    CommandSpec spec = help.commandSpec();
    Map<String, String> rows = new LinkedHashMap<>();
    for (PositionalParamSpec argument : spec.positionalParameters()) {
      rows.put(
          argument.paramLabel() + (argument.arity().isVariable() ? "..." : ""),
          argument.description()[0].split("\\.( |$)", 2)[0]);
    }
    if (spec.userObject() instanceof Command command) {
      DeclaredOptions.of(command).stream()
          .filter(option -> option.isCommonIn(command))
          .sorted(Comparator.comparing(DeclaredOption::group))
          .forEach(option -> rows.put(label(option), summary(option)));
    }
    if (rows.isEmpty()) {
      return "";
    }
    int width = 2 * INDENT + rows.keySet().stream().mapToInt(String::length).max().orElse(0);
    TextTable table =
        TextTable.forColumns(
            help.colorScheme(),
            new Column(width, INDENT, Column.Overflow.SPAN),
            new Column(SHORT_COLUMNS - width, 0, Column.Overflow.WRAP));
    rows.forEach(
        (label, text) ->
            table.addRowValues(
                help.colorScheme().optionText(label), help.colorScheme().text(text)));
    return System.lineSeparator() + table;
  }

  private static String label(DeclaredOption<?> option) {
    if (option.isSwitch()) {
      return option.flag();
    }
    String value =
        option.label().length() > SHORT_LABEL
            ? option.key().toUpperCase(Locale.ROOT)
            : option.label();
    return option.flag() + "=" + value;
  }

  private static String summary(DeclaredOption<?> option) {
    return option.isSwitch() || option.isList() || option.defaultText().isEmpty()
        ? option.summary()
        : option.summary() + " (default: " + option.defaultText() + ")";
  }

  /** The options under their headings; those that every command has come last. */
  private static String allOptions(Help help) {
    CommandSpec spec = help.commandSpec();
    StringBuilder text = new StringBuilder();
    List<OptionSpec> rest = new ArrayList<>(spec.options());
    if (spec.userObject() instanceof Command command) {
      for (OptionGroup group : OptionGroup.values()) {
        List<OptionSpec> options =
            DeclaredOptions.of(command).stream()
                .filter(option -> option.group() == group)
                .map(option -> spec.findOption(option.flag()))
                .toList();
        append(text, help, group.heading(), options);
        rest.removeAll(options);
      }
    }
    append(text, help, "Help", rest);
    return text.toString();
  }

  private static void append(
      StringBuilder text, Help help, String heading, List<OptionSpec> options) {
    if (options.isEmpty()) {
      return;
    }
    Layout layout = layout(help);
    layout.addOptions(options, help.parameterLabelRenderer());
    text.append(System.lineSeparator()).append(heading).append(':');
    text.append(System.lineSeparator()).append(layout);
  }

  private static Layout layout(Help help) {
    TextTable table = help.createDefaultLayout().textTable();
    Column last = table.columns()[table.columns().length - 1];
    return new Layout(
        help.colorScheme(),
        table,
        (option, labels, colors) ->
            wrapped(
                help.createDefaultOptionRenderer().render(option, labels, colors), last, colors),
        (argument, labels, colors) ->
            wrapped(
                help.createDefaultParameterRenderer().render(argument, labels, colors),
                last,
                colors));
  }
}
