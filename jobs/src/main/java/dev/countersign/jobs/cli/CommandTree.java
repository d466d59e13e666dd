package dev.countersign.jobs.cli;

import dev.countersign.options.Command;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.declarations.DeclaredOptions;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Commands of the program for picocli, with the declared options and their help. */
final class CommandTree {

  /** Prints a script for a shell. */
  static final String COMPLETION = "completion";

  /** Prints the help of a command. */
  static final String HELP = "help";

  /** Option of each command that prints its full help. */
  static final String HELP_ALL = "--help-all";

  private CommandTree() {}

  /** Returns a new tree; a tree keeps what it parsed, so each parse takes its own. */
  static CommandLine create() {
    CommandSpec root = CommandSpec.create().name("countersign");
    root.addOption(
        OptionSpec.builder("-V", "--version")
            .versionHelp(true)
            .description(
                "Print the versions of this program, Java and Flink, and the hash kernels.")
            .build());
    addHelp(root);
    root.addSubcommand(
        "sign",
        methods(
            "sign",
            Command.SIGN_KEY,
            Command.SIGN_CERTIFICATE,
            Command.SIGN_PKCS11_KEY,
            Command.SIGN_PKCS11_CERTIFICATE,
            Command.SIGN_SIGSTORE));
    root.addSubcommand(
        "verify",
        methods(
            "verify",
            Command.VERIFY_KEY,
            Command.VERIFY_CERTIFICATE,
            Command.VERIFY_SIGSTORE,
            Command.VERIFY_POLICY));
    root.addSubcommand("digest", command(Command.DIGEST));
    root.addSubcommand("inspect", command(Command.INSPECT));
    root.addSubcommand("catalog", command(Command.CATALOG));
    root.addSubcommand("generate-key-pair", command(Command.GENERATE_KEY_PAIR));
    root.addSubcommand("report", command(Command.REPORT));
    root.addSubcommand("policy", methods("policy", Command.POLICY_CHECK));
    root.addSubcommand(
        "resign",
        methods(
            "resign",
            Command.RESIGN_KEY,
            Command.RESIGN_CERTIFICATE,
            Command.RESIGN_PKCS11_KEY,
            Command.RESIGN_PKCS11_CERTIFICATE,
            Command.RESIGN_SIGSTORE));
    root.addSubcommand(COMPLETION, leaf());
    root.addSubcommand(
        HELP, leaf().addPositional(positional("COMMAND", "Command to explain, such as sign key.")));
    CommandLine commands =
        new CommandLine(root).setExpandAtFiles(false).setAbbreviatedOptionsAllowed(false);
    HelpTexts.describe(commands);
    return commands;
  }

  /** A command whose first word names what is done and whose second names how. */
  private static CommandSpec methods(String name, Command... commands) {
    CommandSpec spec = leaf().name(name);
    for (Command command : commands) {
      spec.addSubcommand(command.words().substring(name.length() + 1), command(command));
    }
    return spec;
  }

  private static CommandSpec leaf() {
    CommandSpec spec = CommandSpec.create();
    addHelp(spec);
    return spec;
  }

  private static CommandSpec command(Command command) {
    CommandSpec spec = CommandSpec.wrapWithoutInspection(command);
    for (DeclaredOption<?> option : DeclaredOptions.of(command)) {
      spec.addOption(option(option));
    }
    addHelp(spec);
    if (command.worksOnModels()) {
      spec.addPositional(
          positional(
              "MODEL",
              "Folder, file, URI or quoted glob. Quote a glob, as in 'lake/*/*'. With -, models"
                  + " are read from standard input, one per line. Not accepted with --catalog."));
    } else if (command == Command.INSPECT) {
      spec.addPositional(
          positional(
              "BUNDLE",
              "Bundle, or folder that contains model.sig. A path, URI or quoted glob ('lake/*/*')."
                  + " With -, they are read from standard input, one per line."));
    } else if (command == Command.CATALOG) {
      spec.addPositional(
          positional(
              "ROOT",
              "Folder to search for models. A path, URI or quoted glob ('lake/*'). With -, they are"
                  + " read from standard input, one per line."));
    } else if (command == Command.REPORT) {
      spec.addPositional(
          positional(
              "RESULTS",
              "Folder of results, or file in it. The folder is the one that --results of one or"
                  + " more runs named; a path or URI."));
    }
    if (command == Command.POLICY_CHECK) {
      spec.addPositional(positional("FILE", "Policy to check. A path or URI.", "0", "0..1"));
      spec.addPositional(
          positional(
              "MODEL",
              "Model to explain the rules for. A path or URI; it need not exist. With -, models are"
                  + " read from standard input, one per line.",
              "1..*",
              "0..*"));
    }
    return spec;
  }

  private static PositionalParamSpec positional(String label, String description) {
    return positional(label, description, "0..*", "0..*");
  }

  private static PositionalParamSpec positional(
      String label, String description, String index, String arity) {
    return PositionalParamSpec.builder()
        .paramLabel(label)
        .index(index)
        .arity(arity)
        .type(List.class)
        .auxiliaryTypes(String.class)
        .description(description)
        .build();
  }

  private static void addHelp(CommandSpec spec) {
    spec.addOption(
        OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .description("Print the short help: common options and examples.")
            .build());
    spec.addOption(
        OptionSpec.builder(HELP_ALL)
            .arity("0")
            .type(boolean.class)
            .description("Print this help, with all options.")
            .build());
  }

  private static OptionSpec option(DeclaredOption<?> option) {
    OptionSpec.Builder spec =
        OptionSpec.builder(option.flag()).description(HelpTexts.description(option));
    if (option.isSwitch()) {
      return spec.arity("0").type(boolean.class).negatable(option.isOnByDefault()).build();
    }
    spec.arity("1").paramLabel(option.label());
    if (option.label().contains("|")
        && option.label().equals(option.label().toLowerCase(Locale.ROOT))) {
      spec.completionCandidates(List.of(option.label().split("\\|")));
    }
    return option.isList()
        ? spec.type(List.class).auxiliaryTypes(String.class).build()
        : spec.type(String.class).build();
  }
}
