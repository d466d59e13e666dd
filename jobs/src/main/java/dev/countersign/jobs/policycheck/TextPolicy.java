package dev.countersign.jobs.policycheck;

import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.Figures;
import dev.countersign.jobs.terminal.ShownModel;
import dev.countersign.keys.Certificates;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.policy.PolicyWarnings;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.verification.CertificateTime;
import dev.countersign.verification.CertificateVerificationSettings;
import dev.countersign.verification.PolicyAcceptance;
import dev.countersign.verification.PolicyAcceptance.NameRule;
import dev.countersign.verification.PolicyRule;
import dev.countersign.verification.PolicyRules;
import dev.countersign.verification.PolicySettings;
import java.util.List;
import java.util.stream.Collectors;

/** Shows policies to people. */
record TextPolicy(Console console, ShownModel shown, String file)
    implements PolicyCheckCommand.PolicyPrinter {

  /** More are counted only. */
  private static final int MAX_PASSED_OVER = 20;

  @Override
  public void print(PolicySettings policy, List<PolicyWarnings.Warning> warnings) {
    console.result(
        Message.of(
            "%s: %s. The first rule that matches a model applies. A model that no rule matches is"
                + " denied.",
            Printable.whole(file), Figures.count(policy.rules().size(), "rule")));
    for (String digest : policy.deniedFingerprints()) {
      line("denies", digest + " (in every rule)");
    }
    SigstoreInstance sigstore = policy.sigstore();
    if (sigstore != null) {
      line("sigstore", "the instance in " + Printable.whole(sigstore.trustedRoot().source()));
    }
    int number = 0;
    for (PolicyRule rule : policy.rules()) {
      number++;
      console.result(
          Message.of("%d. %s  (line %d)", number, Printable.whole(rule.name()), rule.line()));
      for (int i = 0; i < rule.models().size(); i++) {
        line(i == 0 ? "models" : "", Printable.whole(rule.models().get(i)));
      }
      printRule(rule);
    }
    for (PolicyWarnings.Warning warning : warnings) {
      console.say(
          Message.of(
              "Warning: rule '%s', line %d: %s",
              Printable.whole(warning.rule()), warning.line(), warning.text()));
    }
  }

  @Override
  public void print(String model, PolicyRules.Choice choice, List<PolicyRule> passedOver) {
    console.result(
        Message.of(
            "%s  rule '%s', line %d",
            shown.of(model), Printable.whole(choice.rule().name()), choice.rule().line()));
    line("model", Printable.whole(choice.uri()));
    line("matches", Printable.whole(choice.pattern()));
    printPassedOver(passedOver);
    printRule(choice.rule());
  }

  @Override
  public void deny(String model, String message, List<PolicyRule> passedOver) {
    console.result(shown.of(model) + "  DENIED: no rule matches it");
    line("why", message);
    printPassedOver(passedOver);
  }

  private void printPassedOver(List<PolicyRule> rules) {
    for (int i = 0; i < Math.min(MAX_PASSED_OVER, rules.size()); i++) {
      PolicyRule rule = rules.get(i);
      line(
          i == 0 ? "no match" : "",
          Message.of(
              "rule '%s': %s",
              Printable.whole(rule.name()),
              rule.models().size() == 1
                  ? Printable.whole(rule.models().get(0)) + " does not match"
                  : Message.of("none of its %d patterns matches", rule.models().size())));
    }
    if (rules.size() > MAX_PASSED_OVER) {
      line("", "and " + Figures.count(rules.size() - MAX_PASSED_OVER, "more rule"));
    }
  }

  /** Prints what a rule accepts and denies, without the models that it is for. */
  private void printRule(PolicyRule rule) {
    if (rule.denied()) {
      line("denies", "every matching model, regardless of its signer");
      return;
    }
    PolicyAcceptance accepted = rule.accepted();
    for (PolicyAcceptance.Key key : accepted.keys()) {
      line(
          "accepts",
          Message.of(
              "the key in %s (fingerprint %s)",
              Printable.whole(key.source()), PolicyWarnings.hint(key)));
    }
    accepted.certificates().forEach(this::printCertified);
    for (PolicyAcceptance.Identity identity : accepted.identities()) {
      line(
          "accepts",
          Message.of(
              "Sigstore's %s by %s",
              names(List.of(identity.identity())), Printable.whole(identity.issuer())));
    }
    if (accepted.isOfNobody()) {
      line("accepts", "no signer");
    }
    if (!accepted.hashes().isEmpty()) {
      line(
          "hashed",
          accepted.hashes().stream()
              .map(HashAlgorithm::omsName)
              .collect(Collectors.joining(" or ", "with ", "")));
    }
    rule.deniedFingerprints().forEach(digest -> line("denies", digest));
    line("unsigned", rule.allowsUnsigned() ? "allowed: a model without a bundle passes" : "denied");
    if (rule.allowsPreviousDigests()) {
      line("resign", "may take the digests of the old bundle (--trust-previous-digests)");
    }
    if (rule.allowsFirstSignature()) {
      line("resign", "may sign a model without a bundle (--sign-unsigned)");
    }
  }

  private void printCertified(PolicyAcceptance.Certified certified) {
    CertificateVerificationSettings trust = certified.trust();
    line(
        "accepts",
        Message.of(
            "certificates by %s (%s)",
            Printable.whole(String.join(", ", certified.sources())), subjects(trust.anchors())));
    if (certified.isOfAnybody()) {
      line("", "of any signer that they certify");
    }
    printNames("whose subject is", certified.subjects());
    printNames("with the alternative name", certified.alternativeNames());
    printNames("whose issuer is", certified.issuers());
    if (!trust.timestampAnchors().isEmpty()) {
      line("", "valid at a timestamp by " + subjects(trust.timestampAnchors()));
    }
    if (!trust.revocationLists().isEmpty()) {
      line("", "not in " + Figures.count(trust.revocationLists().size(), "revocation list"));
    }
    if (!trust.time().equals(CertificateTime.NOW)) {
      line("", "valid at " + trust.time().text() + " (weaker than now; results say so)");
    }
  }

  private void printNames(String what, List<NameRule> rules) {
    if (!rules.isEmpty()) {
      line("", what + " " + names(rules));
    }
  }

  private static String names(List<NameRule> rules) {
    return rules.stream()
        .map(rule -> (rule.isPattern() ? "like " : "") + Printable.whole(rule.text()))
        .collect(Collectors.joining(" or "));
  }

  private static String subjects(List<byte[]> encoded) {
    return Certificates.ofTaken(encoded).stream()
        .map(certificate -> Printable.whole(certificate.getSubjectX500Principal().getName()))
        .collect(Collectors.joining(" | "));
  }

  /** Prints a line that goes on from the one before if it has no label. */
  private void line(String label, String value) {
    console.result(Message.of("   %-11s %s", label, value));
  }
}
