package dev.countersign.jobs.policycheck;

import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.ShownModel;
import dev.countersign.policy.PolicyWarnings;
import dev.countersign.verification.PolicyRules;
import dev.countersign.verification.PolicySettings;
import dev.countersign.verification.VerificationException;
import java.time.Instant;

/** Shows a policy, and what it says of models. */
public final class PolicyCheck {

  private final PolicySettings policy;
  private final PolicyRules rules;
  private final PolicyPrinter printer;

  private PolicyCheck(PolicySettings policy, PolicyPrinter printer) {
    this.policy = policy;
    this.rules = PolicyRules.of(policy);
    this.printer = printer;
  }

  /** Returns a check for people; {@code file} is the policy's, as the user named it. */
  public static PolicyCheck inText(
      Console console, ShownModel shown, String file, PolicySettings policy) {
    return new PolicyCheck(policy, new TextPolicy(console, shown, file));
  }

  /** Returns a check for programs: one JSON object for the policy, or for each model. */
  public static PolicyCheck inJson(Console console, String file, PolicySettings policy) {
    return new PolicyCheck(policy, new JsonPolicy(console, file));
  }

  /** Shows the rules, and what is odd about them at that time. */
  public void show(Instant now) {
    printer.print(policy, PolicyWarnings.of(policy, now));
  }

  /**
   * Explains which rule is for a model.
   *
   * @param model its URI, as {@code Storages.absolute} makes it
   * @return whether there is one
   */
  public boolean explain(String model) {
    try {
      PolicyRules.Choice choice = rules.choose(model);
      printer.print(model, choice, policy.rules().subList(0, choice.index()));
      return true;
    } catch (VerificationException e) {
      printer.deny(model, String.valueOf(e.getMessage()), policy.rules());
      return false;
    }
  }
}
