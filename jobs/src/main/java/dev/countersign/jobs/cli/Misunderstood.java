package dev.countersign.jobs.cli;

import dev.countersign.options.Spelling;
import dev.countersign.options.UsageException;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Says in one line what is wrong with arguments that picocli could not take, and what may be meant.
 */
final class Misunderstood {

  /** Methods of the design that this version does not have. */
  private static final Set<String> HAVE_METHODS = Set.of("sign", "verify", "resign");

  /** Options of other commands that would sign something else than what was verified. */
  private static final Map<String, String> REFUSED_BY_RESIGN =
      Map.of(
          "--ignore-unsigned-files",
          " does not go with resign: what is signed again is exactly what was signed before."
              + " Remove such files, or sign the model anew with them.",
          "--ignore-paths",
          " does not go with resign: what each bundle leaves out carries over. Sign models that"
              + " have no bundle, or leave out something else, with sign.",
          "--no-overwrite",
          " does not go with resign, which replaces bundles. --keep-previous DIR keeps those that"
              + " are replaced.");

  private Misunderstood() {}

  /** Returns the exception for what picocli threw. Values of options are not repeated. */
  static UsageException explain(ParameterException e) {
    CommandLine command = e.getCommandLine();
    CommandSpec spec = command.getCommandSpec();
    if (e instanceof UnmatchedArgumentException unmatched) {
      return new UsageException(unmatched(spec, unmatched.getUnmatched()) + see(spec), e);
    }
    if (e instanceof MissingParameterException missing) {
      return new UsageException(
          option(missing.getMissing().get(0)) + " needs a value." + see(spec), e);
    }
    if (e instanceof OverwrittenOptionException overwritten) {
      return new UsageException(
          option(overwritten.getOverwritten())
              + " was given more than once, and takes one value."
              + see(spec),
          e);
    }
    return new UsageException(Printable.of(String.valueOf(e.getMessage())) + "." + see(spec), e);
  }

  /** Returns the exception for {@code sign} or {@code verify} with nothing to say how. */
  static UsageException methodMissing(CommandSpec spec) {
    if (spec.name().equals("policy")) {
      return new UsageException(
          "policy needs a command behind it, as in: countersign policy check policy.yaml."
              + see(spec));
    }
    String example =
        switch (spec.name()) {
          case "verify" -> "countersign verify key --public-key release.pub MODEL";
          case "resign" ->
              "countersign resign key --policy policy.yaml --private-key release.key MODEL";
          default -> "countersign sign key --private-key release.key MODEL";
        };
    return new UsageException(
        Message.of("%s needs a method behind it, as in: %s.", spec.name(), example) + see(spec));
  }

  private static String option(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : "An argument";
  }

  private static String unmatched(CommandSpec spec, List<String> arguments) {
    String first = arguments.get(0);
    boolean hasMethods = HAVE_METHODS.contains(spec.name());
    Optional<String> method =
        hasMethods ? Spelling.nearest(first, spec.subcommands().keySet()) : Optional.empty();
    if (method.isPresent()) {
      return Message.of(
          "%s has no method '%s'%s.", spec.name(), Printable.of(first), suggestion(method.get()));
    }
    if (hasMethods) {
      return String.valueOf(methodMissing(spec).getMessage()).replace(see(spec), "");
    }
    if (first.startsWith("-")) {
      String flag = first.replaceFirst("=.*", "");
      String refused = REFUSED_BY_RESIGN.getOrDefault(flag.replace('_', '-'), "");
      if (!refused.isEmpty() && spec.parent() != null && spec.parent().name().equals("resign")) {
        return flag + refused;
      }
      List<String> flags = spec.options().stream().map(OptionSpec::longestName).toList();
      return Message.of(
          "There is no option %s here%s.",
          Printable.of(flag), suggestion(Spelling.nearest(flag, flags).orElse("")));
    }
    return Message.of(
        "There is no command '%s'%s.",
        Printable.of(first),
        suggestion(Spelling.nearest(first, spec.subcommands().keySet()).orElse("")));
  }

  private static String suggestion(String nearest) {
    return nearest.isEmpty() ? "" : Message.of(" (did you mean %s?)", nearest);
  }

  private static String see(CommandSpec spec) {
    return " See " + spec.qualifiedName() + " --help.";
  }
}
