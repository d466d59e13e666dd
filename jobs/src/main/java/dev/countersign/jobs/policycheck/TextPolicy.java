package dev.countersign.jobs.policycheck;

import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.Figures;
import dev.countersign.jobs.terminal.ShownModel;
import dev.countersign.policy.PolicyWarnings;
import dev.countersign.text.Printable;
import dev.countersign.verification.PolicyRule;
import dev.countersign.verification.PolicyRules;
import dev.countersign.verification.PolicySettings;
import java.util.List;
import java.util.Locale;

/** Shows policies to people. */
final class TextPolicy implements PolicyPrinter {

  /** More are counted only. */
  private static final int MAX_PASSED_OVER = 20;

  private final Console console;
  private final ShownModel shown;
  private final String file;

  TextPolicy(Console console, ShownModel shown, String file) {
    this.console = console;
    this.shown = shown;
    this.file = file;
  }

  @Override
  public void print(PolicySettings policy, List<PolicyWarnings.Warning> warnings) {
    console.result(
        String.format(
            Locale.ROOT,
            "%s: %s. The first one that is for a model decides; a model that none is for is"
                + " denied.",
            Printable.whole(file),
            Figures.count(policy.rules().size(), "rule")));
    for (String digest : policy.deniedFingerprints()) {
      line("denies", digest + " (in every rule)");
    }
    int number = 0;
    for (PolicyRule rule : policy.rules()) {
      number++;
      console.result(
          String.format(
              Locale.ROOT, "%d. %s  (line %d)", number, Printable.whole(rule.name()), rule.line()));
      for (int i = 0; i < rule.models().size(); i++) {
        line(i == 0 ? "models" : "", Printable.whole(rule.models().get(i)));
      }
      printRule(rule);
    }
    for (PolicyWarnings.Warning warning : warnings) {
      console.say(
          String.format(
              Locale.ROOT,
              "Warning: rule '%s', line %d: %s",
              Printable.whole(warning.rule()),
              warning.line(),
              warning.text()));
    }
  }

  @Override
  public void print(String model, PolicyRules.Choice choice, List<PolicyRule> passedOver) {
    console.result(
        String.format(
            Locale.ROOT,
            "%s  rule '%s', line %d",
            shown.of(model),
            Printable.whole(choice.rule().name()),
            choice.rule().line()));
    line("model", Printable.whole(choice.uri()));
    line("matches", Printable.whole(choice.pattern()));
    printPassedOver(passedOver);
    printRule(choice.rule());
  }

  @Override
  public void deny(String model, String message, List<PolicyRule> passedOver) {
    console.result(shown.of(model) + "  DENIED: no rule is for it");
    line("why", message);
    printPassedOver(passedOver);
  }

  private void printPassedOver(List<PolicyRule> rules) {
    for (int i = 0; i < Math.min(MAX_PASSED_OVER, rules.size()); i++) {
      PolicyRule rule = rules.get(i);
      line(
          i == 0 ? "not for it" : "",
          String.format(
              Locale.ROOT,
              "rule '%s': %s",
              Printable.whole(rule.name()),
              rule.models().size() == 1
                  ? Printable.whole(rule.models().get(0)) + " does not match"
                  : String.format(
                      Locale.ROOT, "none of its %d patterns matches", rule.models().size())));
    }
    if (rules.size() > MAX_PASSED_OVER) {
      line("", "and " + Figures.count(rules.size() - MAX_PASSED_OVER, "more rule"));
    }
  }

  private void printRule(PolicyRule rule) {
    RuleTexts.of(rule).forEach(line -> line(line.label(), line.text()));
  }

  private void line(String label, String value) {
    console.result(String.format(Locale.ROOT, "   %-11s %s", label, value));
  }
}
