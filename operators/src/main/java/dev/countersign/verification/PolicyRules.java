package dev.countersign.verification;

import dev.countersign.text.Printable;
import java.util.List;
import java.util.Optional;

/** The rules of a policy, ready to be chosen from. Immutable and thread safe. */
public final class PolicyRules {

  private final List<Compiled> rules;

  private PolicyRules(List<Compiled> rules) {
    this.rules = rules;
  }

  private record Compiled(PolicyRule rule, List<LinearPattern> models) {

    /** Returns the first pattern that matches a spelling; empty if none does. */
    Optional<String> matching(List<String> spellings) {
      for (int i = 0; i < models.size(); i++) {
        if (spellings.stream().anyMatch(models.get(i)::matches)) {
          return Optional.of(rule.models().get(i));
        }
      }
      return Optional.empty();
    }
  }

  /**
   * The rule for a model.
   *
   * @param uri the model's URI as patterns see it
   * @param index the rule's position in the policy, from 0
   * @param rule the rule
   * @param pattern the first of the rule's patterns that matches
   */
  public record Choice(String uri, int index, PolicyRule rule, String pattern) {}

  /** Returns the rules of a policy. */
  public static PolicyRules of(PolicySettings policy) {
    return new PolicyRules(
        policy.rules().stream()
            .map(
                rule ->
                    new Compiled(rule, rule.models().stream().map(LinearPattern::compile).toList()))
            .toList());
  }

  /**
   * Returns the rule that decides about a model: the first that is for it.
   *
   * @param modelUri as {@code catalog.CatalogEntry} has it
   * @throws VerificationException {@link VerificationException.Kind#NO_POLICY_RULE} if there is
   *     none
   */
  public Choice choose(String modelUri) throws VerificationException {
    List<String> spellings = CanonicalUri.of(modelUri);
    String uri = spellings.get(0);
    for (int i = 0; i < rules.size(); i++) {
      Optional<String> pattern = rules.get(i).matching(spellings);
      if (pattern.isPresent()) {
        return new Choice(uri, i, rules.get(i).rule(), pattern.get());
      }
    }
    throw new VerificationException(
        VerificationException.Kind.NO_POLICY_RULE,
        "No policy rule matches %s, so it is denied. To trust it, add a rule whose models match it;"
            + " countersign policy check shows which rules match.",
        Printable.of(uri));
  }
}
