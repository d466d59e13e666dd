package dev.countersign.jobs.cli;

import dev.countersign.hashing.HashKernel;
import dev.countersign.hashing.HashKernels;
import dev.countersign.hashing.KernelChoice;
import dev.countersign.jobs.cluster.ClusterEngine;
import dev.countersign.jobs.discovery.CatalogCommand;
import dev.countersign.jobs.inspection.InspectCommand;
import dev.countersign.jobs.policycheck.PolicyCheckCommand;
import dev.countersign.jobs.report.ReportCommand;
import dev.countersign.jobs.run.ModelCommand;
import dev.countersign.jobs.terminal.BuildVersion;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.jobs.terminal.Faults;
import dev.countersign.options.Command;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.CatalogOptions;
import dev.countersign.options.declarations.DeclaredOptions;
import dev.countersign.options.declarations.OutputOptions;
import dev.countersign.options.settings.ConfigEntries;
import dev.countersign.options.settings.OptionValues;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.slf4j.LoggerFactory;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * The program: takes arguments, does what they ask, and says with what code the process should end.
 * Never throws for what a user, a model or a store did; never shows a stack trace.
 */
public final class Program {

  private final Console console;
  private final Surroundings surroundings;
  private boolean logPrepared;

  /**
   * What the program finds around it.
   *
   * @param environment environment variables
   * @param workingDirectory what relative paths are relative to, absolute
   * @param standardInput read only if the arguments ask for it
   * @param cluster the cluster that the process was started for; empty to run in this process
   * @param logIsOurs whether the program decides where the log goes
   */
  public record Surroundings(
      Map<String, String> environment,
      Path workingDirectory,
      InputStream standardInput,
      Optional<ClusterEngine> cluster,
      boolean logIsOurs) {

    /** Copies the map. */
    public Surroundings {
      environment = Map.copyOf(environment);
    }
  }

  /** A program that prints on {@code console}. */
  public Program(Console console, Surroundings surroundings) {
    this.console = console;
    this.surroundings = surroundings;
  }

  /** Does what the arguments ask; returns one of {@link ExitCode}. */
  public int run(String... arguments) {
    int code = attempt(arguments);
    if (!console.isOutputLost()) {
      return code;
    }
    console.say(
        "countersign: standard output could not be written and is incomplete. Free space where it"
            + " goes, or send it elsewhere, and run the command again.");
    return ExitCode.BROKEN;
  }

  private int attempt(String[] arguments) {
    try {
      return dispatch(arguments);
    } catch (Console.OutputLostException e) {
      return ExitCode.OK;
    } catch (UsageException e) {
      console.say("countersign: " + e.getMessage());
      return ExitCode.USAGE;
    } catch (RuntimeException | Error e) {
      if (!logPrepared) {
        // Too early for the user's choice; without one a logger would print the stack trace.
        prepareLog(Optional.empty());
      }
      LoggerFactory.getLogger(Program.class).error("A fault of the program", e);
      console.say(
          Message.of(
              "countersign: a fault of the program (%s). Please report it with the log of"
                  + " --verbose.",
              Faults.innermost(e)));
      return ExitCode.BROKEN;
    }
  }

  private int dispatch(String[] arguments) {
    String[] spelled = RawArguments.spelled(arguments);
    CommandLine commands = CommandTree.create();
    ParseResult parsed;
    try {
      parsed = commands.parseArgs(spelled);
    } catch (ParameterException e) {
      throw Misunderstood.explain(e);
    }
    boolean help = parsed.isUsageHelpRequested();
    boolean helpAll = parsed.hasMatchedOption(CommandTree.HELP_ALL);
    while (parsed.hasSubcommand()) {
      parsed = parsed.subcommand();
      help |= parsed.isUsageHelpRequested();
      helpAll |= parsed.hasMatchedOption(CommandTree.HELP_ALL);
    }
    CommandLine chosen = parsed.commandSpec().commandLine();
    if (helpAll) {
      console.text(HelpTexts.full(chosen));
      return ExitCode.OK;
    }
    if (help) {
      console.text(chosen.getUsageMessage(Ansi.AUTO));
      return ExitCode.OK;
    }
    if (parsed.isVersionHelpRequested()) {
      prepareLog(Optional.empty());
      console.text(versions());
      return ExitCode.OK;
    }
    if (parsed.commandSpec().userObject() instanceof Command command) {
      return execute(command, parsed);
    }
    return switch (parsed.commandSpec().name()) {
      case CommandTree.COMPLETION -> {
        console.text(AutoComplete.bash("countersign", CommandTree.create()));
        yield ExitCode.OK;
      }
      case CommandTree.HELP -> help(commands, parsed);
      case "sign", "verify", "resign", "policy" ->
          throw Misunderstood.methodMissing(parsed.commandSpec());
      default -> {
        console.say(commands.getUsageMessage(Ansi.AUTO).stripTrailing());
        yield ExitCode.USAGE;
      }
    };
  }

  private static String versions() {
    StringBuilder text =
        new StringBuilder(
            Message.of(
                "countersign %s\nJava        %s (%s)\nFlink       %s\n",
                BuildVersion.current(),
                Runtime.version(),
                System.getProperty("java.vendor", "unknown"),
                EnvironmentInformation.getVersion()));
    HashKernels kernels = HashKernels.of(KernelChoice.AUTO);
    for (String algorithm : HashKernels.ALGORITHMS) {
      text.append(
          Message.of(
              "%-11s %s%n",
              algorithm,
              kernels
                  .known(algorithm)
                  .map(HashKernel::description)
                  .orElse("the fastest kernel, which the first run measures")));
    }
    return text.toString();
  }

  private int execute(Command command, ParseResult parsed) {
    Map<String, List<String>> flags = flags(parsed, command);
    OptionValues values =
        OptionValues.resolve(command, flags, surroundings.environment(), config(flags));
    prepareLog(Optional.of(values));
    Path workingDirectory = surroundings.workingDirectory();
    List<String> given = parsed.matchedPositionalValue(0, List.<String>of());
    return switch (command) {
      case GENERATE_KEY_PAIR -> {
        new KeyPairCommand(console).run(values, workingDirectory);
        yield ExitCode.OK;
      }
      case POLICY_CHECK ->
          new PolicyCheckCommand(console, values, workingDirectory)
              .run(given, policyModels(values, parsed));
      case INSPECT ->
          new InspectCommand(console, values, workingDirectory).run(names(values, given, "bundle"));
      case CATALOG ->
          new CatalogCommand(console, values, workingDirectory).run(names(values, given, "folder"));
      case REPORT -> new ReportCommand(console, values, workingDirectory).run(given);
      default -> {
        List<String> models = models(values, given);
        yield new ModelCommand(console, surroundings.cluster(), values, workingDirectory)
            .run(models);
      }
    };
  }

  private List<String> models(OptionValues values, List<String> given) {
    if (!values.isGiven(CatalogOptions.CATALOG)) {
      return names(values, given, "model");
    }
    if (!given.isEmpty()) {
      throw new UsageException(
          "--catalog and MODEL don't go together: a run has its models from one of them. Choose"
              + " one, or write all models into the catalog.");
    }
    if (values.get(CatalogOptions.NULL)) {
      throw new UsageException("--catalog and --null don't go together. Leave --null out.");
    }
    return List.of();
  }

  private List<String> names(OptionValues values, List<String> given, String noun) {
    return ModelArguments.read(
        given, surroundings.standardInput(), noun, values.get(CatalogOptions.NULL));
  }

  /** Models may be none there: then the policy itself is shown. */
  private List<String> policyModels(OptionValues values, ParseResult parsed) {
    List<String> given = parsed.matchedPositionalValue(1, List.<String>of());
    return given.isEmpty() && !values.get(CatalogOptions.NULL)
        ? given
        : names(values, given, "model");
  }

  private void prepareLog(Optional<OptionValues> values) {
    logPrepared = true;
    if (surroundings.logIsOurs()) {
      values.ifPresentOrElse(
          given -> LogSetup.apply(given, surroundings.workingDirectory()), LogSetup::quiet);
    }
  }

  private ConfigEntries config(Map<String, List<String>> flags) {
    List<String> flag = flags.get(OutputOptions.CONFIG.key());
    String file =
        flag == null
            ? surroundings.environment().get(OutputOptions.CONFIG.variable())
            : flag.get(0);
    return file == null
        ? ConfigEntries.NONE
        : ConfigFile.read(file, surroundings.workingDirectory());
  }

  /** The options that were given, by key, as the texts that were given. */
  static Map<String, List<String>> flags(ParseResult parsed, Command command) {
    Map<String, List<String>> flags = new HashMap<>();
    for (DeclaredOption<?> option : DeclaredOptions.of(command)) {
      OptionSpec matched = parsed.matchedOption(option.flag());
      if (matched == null) {
        continue;
      }
      Object value = matched.getValue();
      flags.put(
          option.key(),
          value instanceof List<?> list
              ? list.stream().map(String::valueOf).toList()
              : List.of(String.valueOf(value)));
    }
    return flags;
  }

  private int help(CommandLine commands, ParseResult parsed) {
    CommandLine explained = commands;
    for (String word : parsed.matchedPositionalValue(0, List.<String>of())) {
      CommandLine next = explained.getSubcommands().get(word);
      if (next == null) {
        throw UsageException.of(
            "There is no command '%s'. Known are %s.",
            Printable.of(word), String.join(", ", explained.getSubcommands().keySet()));
      }
      explained = next;
    }
    console.text(explained.getUsageMessage(Ansi.AUTO));
    return ExitCode.OK;
  }
}
