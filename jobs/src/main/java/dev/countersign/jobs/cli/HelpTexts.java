package dev.countersign.jobs.cli;

import dev.countersign.options.Command;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.declarations.DeclaredOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
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
  private record Text(String summary, String details, List<String> examples) {

    Text(String summary, String details, String... examples) {
      this(summary, details, List.of(examples));
    }
  }

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

  private static final Map<String, Text> TEXTS =
      Map.ofEntries(
          Map.entry(
              "countersign",
              new Text(
                  "Sign and verify machine learning models in the OpenSSF Model Signing format.",
                  "Works on one model or on a whole catalog in one run.",
                  "countersign generate-key-pair --output-key-prefix release",
                  "countersign sign key --private-key release.key model/",
                  "countersign verify key --public-key release.pub model/")),
          Map.entry(
              "countersign sign",
              new Text(
                  "Sign models and write a bundle for each.",
                  "",
                  "countersign sign key --private-key release.key model/",
                  "countersign sign certificate --private-key signer.key --signing-certificate"
                      + " signer.pem model/")),
          Map.entry(
              "countersign sign key",
              new Text(
                  "Sign models with a private key.",
                  "Writes a bundle for each model.",
                  "countersign sign key --private-key release.key model/",
                  "countersign sign key --private-key release.key --skip-signed 'lake/*/*'",
                  "countersign sign key --private-key release.key --signature 'bundles/{name}.sig'"
                      + " 'lake/*/*'",
                  "countersign sign key --private-key release.key --dry-run 'hdfs://nn/models/*'")),
          Map.entry(
              "countersign sign certificate",
              new Text(
                  "Sign models with a private key and its certificate.",
                  "Writes a bundle for each model and adds the certificate to it.",
                  "countersign sign certificate --private-key signer.key --signing-certificate"
                      + " signer.pem model/",
                  "countersign sign certificate --private-key signer.key --signing-certificate"
                      + " signer.pem --certificate-chain intermediate.pem model/",
                  "countersign sign certificate --private-key store.p12 --password-file passphrase"
                      + " 'lake/*/*'",
                  "countersign sign certificate --private-key store.p12 --password-file passphrase"
                      + " --tsa-url https://tsa.example.org/tsr model/")),
          Map.entry(
              "countersign resign",
              new Text(
                  "Verify models under a trust policy and sign them again.",
                  "Reads the content only once.",
                  "countersign resign key --policy policy.yaml --private-key new.key 'lake/*/*'")),
          Map.entry(
              "countersign resign key",
              new Text(
                  "Verify models under a trust policy and sign them again with a private key.",
                  "Signs exactly what was verified, and reads the content only once.",
                  "countersign resign key --policy policy.yaml --private-key new.key 'lake/*/*'",
                  "countersign resign key --policy policy.yaml --private-key new.key"
                      + " --keep-previous replaced 'lake/*/*'",
                  "countersign resign key --policy policy.yaml --private-key new.key"
                      + " --hash-algorithm blake3 model/")),
          Map.entry(
              "countersign resign certificate",
              new Text(
                  "Verify models under a trust policy and sign them again with a certificate.",
                  "Signs exactly what was verified, and reads the content only once.",
                  "countersign resign certificate --policy policy.yaml --private-key signer.key"
                      + " --signing-certificate signer.pem 'lake/*/*'")),
          Map.entry(
              "countersign verify",
              new Text(
                  "Verify models against their bundles.",
                  "",
                  "countersign verify key --public-key release.pub model/",
                  "countersign verify certificate --certificate-chain root.pem model/",
                  "countersign verify policy --policy policy.yaml 'lake/*/*'")),
          Map.entry(
              "countersign verify key",
              new Text(
                  "Verify models against their bundles with trusted public keys.",
                  "",
                  "countersign verify key --public-key release.pub model/",
                  "countersign verify key --public-key old.pub --public-key new.pub 'lake/*/*'",
                  "countersign verify key --public-key release.pub --output json 'lake/*/*'",
                  "find lake -name model.sig -exec dirname {} \\; | countersign verify key"
                      + " --public-key release.pub -")),
          Map.entry(
              "countersign verify certificate",
              new Text(
                  "Verify models against their bundles with trusted certificates.",
                  "",
                  "countersign verify certificate --certificate-chain root.pem 'lake/*/*'",
                  "countersign verify certificate --certificate-chain root.pem --crl revoked.crl"
                      + " model/",
                  "countersign verify certificate --certificate-chain root.pem"
                      + " --tsa-certificate-chain tsa-chain.pem model/")),
          Map.entry(
              "countersign verify policy",
              new Text(
                  "Verify models against their bundles under a trust policy.",
                  "The policy states who is trusted for which model.",
                  "countersign verify policy --policy policy.yaml 'lake/*/*'",
                  "countersign verify policy --policy policy.yaml --log-fingerprints model/")),
          Map.entry(
              "countersign digest",
              new Text(
                  "Print the root digests of models.",
                  "A root digest is what a bundle signs.",
                  "countersign digest model/",
                  "countersign digest --hash-algorithm blake3 'lake/*/*'")),
          Map.entry(
              "countersign inspect",
              new Text(
                  "Show the contents of bundles without verifying them.",
                  "The signer, the time and the files are claims of the bundle.",
                  "countersign inspect model/model.sig",
                  "countersign inspect --output json 'lake/*/*'")),
          Map.entry(
              "countersign catalog",
              new Text(
                  "Find models below folders and write a catalog of them.",
                  "The catalog has a line for each model, with its URI, name and version. No"
                      + " content of a model is read and nothing is signed.",
                  "countersign catalog lake/",
                  "countersign catalog --depth 2 --write catalog.csv lake/",
                  "countersign catalog --layout versions --write catalog.avro hdfs://nn/models",
                  "countersign catalog --marker weights.bin --marker '*.npz' lake/",
                  "countersign catalog --write hub.csv ~/.cache/huggingface/hub")),
          Map.entry(
              "countersign generate-key-pair",
              new Text(
                  "Create a key pair to sign and verify with.",
                  "",
                  "countersign generate-key-pair --output-key-prefix release",
                  "countersign generate-key-pair --output-key-prefix release --curve P-384"
                      + " --password-file passphrase")),
          Map.entry(
              "countersign report",
              new Text(
                  "Create a report from the results of runs.",
                  "Formats are a page for a browser, Markdown, CSV, JSON and JUnit XML.",
                  "countersign report results",
                  "countersign report --report-file march.html hdfs://nn/results/march",
                  "countersign report --format markdown results >> summary.md",
                  "countersign report --format junit --report-file countersign.xml results")),
          Map.entry(
              "countersign policy",
              new Text(
                  "Check trust policies.",
                  "",
                  "countersign policy check policy.yaml lake/a/model")),
          Map.entry(
              "countersign policy check",
              new Text(
                  "Check a trust policy and show its rules.",
                  "With models, also shows which rule matches each of them and why. The exit code"
                      + " is 1 if no rule matches one of them.",
                  "countersign policy check policy.yaml",
                  "countersign policy check policy.yaml lake/a/model hdfs://nn/lake/b",
                  "countersign policy check --output json policy.yaml lake/a/model")),
          Map.entry(
              "countersign completion",
              new Text(
                  "Print a completion script for bash and zsh.",
                  "",
                  "source <(countersign completion)")),
          Map.entry(
              "countersign help",
              new Text("Print the help of a command.", "", "countersign help sign key")));

  private HelpTexts() {}

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
