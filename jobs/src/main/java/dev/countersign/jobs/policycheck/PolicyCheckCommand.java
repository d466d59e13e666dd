package dev.countersign.jobs.policycheck;

import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.ModelGlobs;
import dev.countersign.catalog.NamedModel;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.jobs.terminal.ShownModel;
import dev.countersign.options.OutputFormat;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.OutputOptions;
import dev.countersign.options.settings.HadoopOptions;
import dev.countersign.options.settings.OptionValues;
import dev.countersign.policy.PolicyException;
import dev.countersign.policy.PolicyFile;
import dev.countersign.policy.PolicyWarnings;
import dev.countersign.storage.Storages;
import dev.countersign.verification.PolicyRule;
import dev.countersign.verification.PolicyRules;
import dev.countersign.verification.PolicySettings;
import dev.countersign.verification.VerificationException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/** Checks a trust policy, and explains what it says of models, which are not read. */
public record PolicyCheckCommand(Console console, OptionValues values, Path workingDirectory) {

  /**
   * Shows a policy, or what it says of models.
   *
   * @param file the policy's, as the only element
   * @param models paths, URIs and globs; the policy itself is shown if there are none
   * @return the exit code
   * @throws UsageException if the policy cannot be used
   */
  public int run(List<String> file, List<String> models) {
    if (file.isEmpty()) {
      throw new UsageException(
          "policy check needs the FILE of a policy, as in: countersign policy check policy.yaml.");
    }
    Storages.configure(HadoopOptions.of(values));
    PolicySettings policy;
    try {
      policy = PolicyFile.load(file.get(0), workingDirectory);
    } catch (PolicyException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
    PolicyPrinter printer =
        values.get(OutputOptions.OUTPUT) == OutputFormat.JSON
            ? new JsonPolicy(console, file.get(0))
            : new TextPolicy(console, new ShownModel(workingDirectory.toString()), file.get(0));
    if (models.isEmpty()) {
      printer.print(policy, PolicyWarnings.of(policy, Clock.systemUTC().instant()));
      return ExitCode.OK;
    }
    PolicyRules rules = PolicyRules.of(policy);
    boolean all = true;
    for (NamedModel model : named(models)) {
      String uri = model.model();
      try {
        PolicyRules.Choice choice = rules.choose(uri);
        printer.print(uri, choice, policy.rules().subList(0, choice.index()));
      } catch (VerificationException e) {
        printer.deny(uri, String.valueOf(e.getMessage()), policy.rules());
        all = false;
      }
    }
    return all ? ExitCode.OK : ExitCode.MODEL_FAILED;
  }

  private List<NamedModel> named(List<String> models) {
    try {
      return ModelGlobs.expand(models, workingDirectory.toString());
    } catch (CatalogException e) {
      throw new UsageException(e.getMessage(), e);
    }
  }

  /** Prints policies and what they say of models. */
  interface PolicyPrinter {

    /** Prints the rules of a policy and what is odd about them. */
    void print(PolicySettings policy, List<PolicyWarnings.Warning> warnings);

    /**
     * Prints which rule decides about a model.
     *
     * @param passedOver the rules before that one
     */
    void print(String model, PolicyRules.Choice choice, List<PolicyRule> passedOver);

    /**
     * Prints that no rule is for a model.
     *
     * @param message why and what to do, escaped
     * @param passedOver all rules
     */
    void deny(String model, String message, List<PolicyRule> passedOver);
  }
}
