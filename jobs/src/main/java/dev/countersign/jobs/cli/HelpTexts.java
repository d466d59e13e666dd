package dev.countersign.jobs.cli;

import dev.countersign.options.Command;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.declarations.DeclaredOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** What help says beside the options, and how it is laid out: options under headings. */
final class HelpTexts {

  private static final String[] EXIT_CODES = {
    "",
    "Exit codes:",
    "  0    all is well",
    "  1    at least one model failed; the others were worked on all the same",
    "  2    wrong usage or configuration; nothing was started",
    "  3    the run itself broke",
    "  130  stopped by the user",
  };

  private static final Map<String, String> SUMMARIES =
      Map.ofEntries(
          Map.entry(
              "countersign",
              "Signs and verifies machine learning models in the OpenSSF Model Signing format: one"
                  + " model or a whole catalog, in one run."),
          Map.entry("countersign sign", "Signs models: writes a bundle for each."),
          Map.entry(
              "countersign sign key", "Signs models with a private key: writes a bundle for each."),
          Map.entry(
              "countersign sign certificate",
              "Signs models with a private key and puts its certificate into the bundle of each."),
          Map.entry(
              "countersign resign",
              "Verifies models under a trust policy and signs them again, in one read."),
          Map.entry(
              "countersign resign key",
              "Verifies models under a trust policy and signs what was verified with a private key,"
                  + " in one read."),
          Map.entry(
              "countersign resign certificate",
              "Verifies models under a trust policy and signs what was verified with a private key"
                  + " and its certificate, in one read."),
          Map.entry("countersign verify", "Verifies models against their bundles."),
          Map.entry(
              "countersign verify key",
              "Verifies models against their bundles and the public keys that you trust."),
          Map.entry(
              "countersign verify certificate",
              "Verifies models against their bundles and the certificates that you trust."),
          Map.entry(
              "countersign verify policy",
              "Verifies models against their bundles, and against a policy that says whom to trust"
                  + " for which model."),
          Map.entry("countersign policy", "Works on trust policies."),
          Map.entry(
              "countersign policy check",
              "Checks a trust policy and shows its rules; with models, which rule is for each and"
                  + " why. Exit code 1 if no rule is for one of them."),
          Map.entry(
              "countersign digest", "Prints the root digest of models, as a bundle would sign it."),
          Map.entry(
              "countersign inspect",
              "Shows what bundles say: who is said to have signed what, and when. Nothing of it is"
                  + " verified."),
          Map.entry(
              "countersign catalog",
              "Finds models below folders and writes a catalog of them: one line for each, with its"
                  + " URI, name and version. Looks at names of folders and files only; no model is"
                  + " read, nothing is signed."),
          Map.entry("countersign generate-key-pair", "Makes a key pair to sign and verify with."),
          Map.entry(
              "countersign report",
              "Makes a report of the results of runs: a page for a browser, Markdown, CSV, JSON or"
                  + " JUnit XML."),
          Map.entry(
              "countersign completion",
              "Prints a script that completes commands and options in bash and zsh."),
          Map.entry("countersign help", "Prints the help of a command."));

  private static final Map<String, List<String>> EXAMPLES =
      Map.ofEntries(
          Map.entry(
              "countersign",
              List.of(
                  "countersign generate-key-pair --output-key-prefix release",
                  "countersign sign key --private-key release.key model/",
                  "countersign verify key --public-key release.pub model/")),
          Map.entry(
              "countersign sign",
              List.of(
                  "countersign sign key --private-key release.key model/",
                  "countersign sign certificate --private-key signer.key --signing-certificate"
                      + " signer.pem model/")),
          Map.entry(
              "countersign sign key",
              List.of(
                  "countersign sign key --private-key release.key model/",
                  "countersign sign key --private-key release.key --skip-signed 'lake/*/*'",
                  "countersign sign key --private-key release.key --signature 'bundles/{name}.sig'"
                      + " 'lake/*/*'",
                  "countersign sign key --private-key release.key --dry-run 'hdfs://nn/models/*'")),
          Map.entry(
              "countersign sign certificate",
              List.of(
                  "countersign sign certificate --private-key signer.key --signing-certificate"
                      + " signer.pem --certificate-chain intermediate.pem model/",
                  "countersign sign certificate --private-key store.p12 --password-file passphrase"
                      + " 'lake/*/*'",
                  "countersign sign certificate --private-key store.p12 --password-file passphrase"
                      + " --tsa-url https://tsa.example.org/tsr model/")),
          Map.entry(
              "countersign resign",
              List.of(
                  "countersign resign key --policy policy.yaml --private-key new.key 'lake/*/*'")),
          Map.entry(
              "countersign resign key",
              List.of(
                  "countersign resign key --policy policy.yaml --private-key new.key 'lake/*/*'",
                  "countersign resign key --policy policy.yaml --private-key new.key"
                      + " --keep-previous replaced 'lake/*/*'",
                  "countersign resign key --policy policy.yaml --private-key new.key"
                      + " --hash-algorithm blake3 model/")),
          Map.entry(
              "countersign resign certificate",
              List.of(
                  "countersign resign certificate --policy policy.yaml --private-key signer.key"
                      + " --signing-certificate signer.pem 'lake/*/*'")),
          Map.entry(
              "countersign verify",
              List.of(
                  "countersign verify key --public-key release.pub model/",
                  "countersign verify certificate --certificate-chain root.pem model/",
                  "countersign verify policy --policy policy.yaml 'lake/*/*'")),
          Map.entry(
              "countersign verify policy",
              List.of(
                  "countersign verify policy --policy policy.yaml 'lake/*/*'",
                  "countersign verify policy --policy policy.yaml --log-fingerprints model/")),
          Map.entry(
              "countersign policy", List.of("countersign policy check policy.yaml lake/a/model")),
          Map.entry(
              "countersign policy check",
              List.of(
                  "countersign policy check policy.yaml",
                  "countersign policy check policy.yaml lake/a/model hdfs://nn/lake/b",
                  "countersign policy check --output json policy.yaml lake/a/model")),
          Map.entry(
              "countersign verify key",
              List.of(
                  "countersign verify key --public-key release.pub model/",
                  "countersign verify key --public-key old.pub --public-key new.pub 'lake/*/*'",
                  "countersign verify key --public-key release.pub --output json 'lake/*/*'",
                  "find lake -name model.sig -printf '%h\\n' | countersign verify key --public-key"
                      + " release.pub -")),
          Map.entry(
              "countersign verify certificate",
              List.of(
                  "countersign verify certificate --certificate-chain root.pem 'lake/*/*'",
                  "countersign verify certificate --certificate-chain root.pem --crl revoked.crl"
                      + " model/",
                  "countersign verify certificate --certificate-chain root.pem"
                      + " --tsa-certificate-chain tsa-chain.pem model/")),
          Map.entry(
              "countersign digest",
              List.of(
                  "countersign digest model/",
                  "countersign digest --hash-algorithm blake3 'lake/*/*'")),
          Map.entry(
              "countersign inspect",
              List.of(
                  "countersign inspect model/model.sig",
                  "countersign inspect --output json 'lake/*/*'")),
          Map.entry(
              "countersign catalog",
              List.of(
                  "countersign catalog lake/",
                  "countersign catalog --depth 2 --write catalog.csv lake/",
                  "countersign catalog --layout versions --write catalog.avro hdfs://nn/models",
                  "countersign catalog --marker weights.bin --marker '*.npz' lake/",
                  "countersign catalog --write hub.csv ~/.cache/huggingface/hub")),
          Map.entry(
              "countersign generate-key-pair",
              List.of(
                  "countersign generate-key-pair --output-key-prefix release",
                  "countersign generate-key-pair --output-key-prefix release --curve P-384"
                      + " --password-file passphrase")),
          Map.entry(
              "countersign report",
              List.of(
                  "countersign report results",
                  "countersign report --report-file march.html hdfs://nn/results/march",
                  "countersign report --format markdown results >> summary.md",
                  "countersign report --format junit --report-file countersign.xml results")),
          Map.entry("countersign completion", List.of("source <(countersign completion)")),
          Map.entry("countersign help", List.of("countersign help sign key")));

  private HelpTexts() {}

  /** Describes a command and all below it. */
  static void describe(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    String name = spec.qualifiedName();
    UsageMessageSpec usage = spec.usageMessage();
    usage.width(100);
    usage.description(SUMMARIES.getOrDefault(name, ""));
    usage.descriptionHeading("%n");
    usage.parameterListHeading("%n");
    usage.optionListHeading("");
    usage.commandListHeading("%nCommands:%n");
    usage.synopsisSubcommandLabel("COMMAND");
    usage.abbreviateSynopsis(true);
    usage.footer(escaped(footer(spec, name)));
    usage.sectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, HelpTexts::options);
    command.getSubcommands().values().forEach(HelpTexts::describe);
  }

  /** Returns the description of an option with its default. */
  static String description(DeclaredOption<?> option) {
    String text = option.description();
    if (option.isOnByDefault()) {
      text += " On by default.";
    } else if (!option.isSwitch() && !option.defaultText().isEmpty()) {
      text += " Default: " + option.defaultText() + ".";
    }
    return text.replace("%", "%%");
  }

  private static List<String> footer(CommandSpec spec, String name) {
    List<String> lines = new ArrayList<>(List.of("", "Examples:"));
    EXAMPLES.getOrDefault(name, List.of()).forEach(example -> lines.add("  " + example));
    if (spec.userObject() instanceof Command || spec.parent() == null) {
      lines.addAll(List.of(EXIT_CODES));
      lines.add("");
      lines.add(
          "Each option can also come from a YAML file (--config), as 'hash-algorithm: blake3', or"
              + " from the environment, as COUNTERSIGN_HASH_ALGORITHM=blake3; several values of one"
              + " variable are separated by semicolons. A flag comes first, then the environment,"
              + " then the file. Hyphens in flags may be underscores.");
    }
    return lines;
  }

  private static String[] escaped(List<String> lines) {
    return lines.stream().map(line -> line.replace("%", "%%")).toArray(String[]::new);
  }

  /** The options under their headings; those that every command has come last. */
  private static String options(Help help) {
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
    Help.Layout layout = help.createDefaultLayout();
    layout.addOptions(options, help.parameterLabelRenderer());
    text.append(System.lineSeparator()).append(heading).append(':');
    text.append(System.lineSeparator()).append(layout);
  }
}
