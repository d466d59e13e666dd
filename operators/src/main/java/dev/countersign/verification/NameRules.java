package dev.countersign.verification;

import dev.countersign.verification.PolicyAcceptance.NameRule;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import javax.security.auth.x500.X500Principal;

/** What a name of a certificate must be: one of some rules. Immutable and thread safe. */
final class NameRules {

  private NameRules() {}

  /**
   * Returns what accepts a subject or an issuer. An exact rule is compared as RFC 5280, section 7.1
   * has it, a pattern with the form of RFC 2253.
   *
   * @param rules any name is accepted if there are none
   */
  static Predicate<X500Principal> ofPrincipals(List<NameRule> rules) {
    return any(rules, NameRules::ofPrincipal);
  }

  /**
   * Returns what accepts an alternative name: one of the same kind and, for an exact rule, of the
   * same characters.
   *
   * @param rules any name is accepted if there are none
   */
  static Predicate<AlternativeName> ofAlternatives(List<NameRule> rules) {
    return any(rules, NameRules::ofAlternative);
  }

  private static <T> Predicate<T> any(List<NameRule> rules, Function<NameRule, Predicate<T>> made) {
    List<Predicate<T>> predicates = rules.stream().map(made).toList();
    return name ->
        predicates.isEmpty() || predicates.stream().anyMatch(predicate -> predicate.test(name));
  }

  private static Predicate<X500Principal> ofPrincipal(NameRule rule) {
    if (rule.isPattern()) {
      LinearPattern pattern = LinearPattern.compile(rule.text());
      return name -> pattern.matches(name.getName());
    }
    return new X500Principal(rule.text())::equals;
  }

  private static Predicate<AlternativeName> ofAlternative(NameRule rule) {
    AlternativeName wanted =
        AlternativeName.parse(rule.text())
            .orElseThrow(() -> new IllegalArgumentException("a name without its kind"));
    if (!rule.isPattern()) {
      return wanted::equals;
    }
    LinearPattern pattern = LinearPattern.compile(wanted.value());
    return name -> name.kind() == wanted.kind() && pattern.matches(name.value());
  }
}
