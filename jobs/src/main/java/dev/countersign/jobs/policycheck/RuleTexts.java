package dev.countersign.jobs.policycheck;

import dev.countersign.jobs.terminal.Figures;
import dev.countersign.keys.Certificates;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.policy.PolicyWarnings;
import dev.countersign.text.Printable;
import dev.countersign.verification.CertificateTime;
import dev.countersign.verification.PolicyAcceptance;
import dev.countersign.verification.PolicyAcceptance.NameRule;
import dev.countersign.verification.PolicyRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a rule says, in words. */
final class RuleTexts {

  private RuleTexts() {}

  /**
   * A line about a rule.
   *
   * @param label what it is about; empty if it goes on from the line before
   * @param text escaped for terminals
   */
  record Line(String label, String text) {}

  /** Returns what a rule accepts and denies, without the models that it is for. */
  static List<Line> of(PolicyRule rule) {
    List<Line> lines = new ArrayList<>();
    if (rule.denied()) {
      lines.add(new Line("denies", "every such model, whoever signed it"));
      return lines;
    }
    PolicyAcceptance accepted = rule.accepted();
    accepted
        .keys()
        .forEach(
            key ->
                lines.add(
                    new Line(
                        "accepts",
                        String.format(
                            Locale.ROOT,
                            "the key in %s (hint %s)",
                            Printable.whole(key.source()),
                            PolicyWarnings.hint(key)))));
    accepted.certificates().forEach(certified -> add(certified, lines));
    accepted
        .identities()
        .forEach(
            identity ->
                lines.add(
                    new Line(
                        "accepts",
                        String.format(
                            Locale.ROOT,
                            "Sigstore's %s by %s (not verified by this version: denied)",
                            names(List.of(identity.identity())),
                            Printable.whole(identity.issuer())))));
    if (accepted.isOfNobody()) {
      lines.add(new Line("accepts", "no signer"));
    }
    if (!accepted.hashes().isEmpty()) {
      lines.add(
          new Line(
              "hashed",
              "with "
                  + accepted.hashes().stream()
                      .map(HashAlgorithm::omsName)
                      .collect(Collectors.joining(" or "))));
    }
    rule.deniedFingerprints().forEach(digest -> lines.add(new Line("denies", digest)));
    lines.add(
        new Line(
            "unsigned",
            rule.allowsUnsigned() ? "allowed: a model without a bundle passes" : "denied"));
    if (rule.allowsPreviousDigests()) {
      lines.add(
          new Line("resign", "may take the digests of the old bundle (--trust-previous-digests)"));
    }
    if (rule.allowsFirstSignature()) {
      lines.add(new Line("resign", "may sign a model without a bundle (--sign-unsigned)"));
    }
    return lines;
  }

  private static void add(PolicyAcceptance.Certified certified, List<Line> lines) {
    lines.add(
        new Line(
            "accepts",
            String.format(
                Locale.ROOT,
                "certificates by %s (%s)",
                Printable.whole(String.join(", ", certified.sources())),
                subjects(certified.trust().anchors()))));
    if (certified.isOfAnybody()) {
      lines.add(new Line("", "of any signer that they vouch for"));
    }
    addNames("whose subject is", certified.subjects(), lines);
    addNames("with the alternative name", certified.alternativeNames(), lines);
    addNames("whose issuer is", certified.issuers(), lines);
    if (!certified.trust().timestampAnchors().isEmpty()) {
      lines.add(
          new Line(
              "", "valid at a timestamp by " + subjects(certified.trust().timestampAnchors())));
    }
    if (!certified.trust().revocationLists().isEmpty()) {
      lines.add(
          new Line(
              "",
              "not in "
                  + Figures.count(certified.trust().revocationLists().size(), "revocation list")));
    }
    if (!certified.trust().time().equals(CertificateTime.NOW)) {
      lines.add(
          new Line(
              "",
              "valid at "
                  + certified.trust().time().text()
                  + " (weaker than now; results say so)"));
    }
  }

  private static void addNames(String what, List<NameRule> rules, List<Line> lines) {
    if (!rules.isEmpty()) {
      lines.add(new Line("", what + " " + names(rules)));
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
}
