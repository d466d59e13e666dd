package dev.countersign.jobs.terminal;

import dev.countersign.schemas.Difference;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.SignerCertificate;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Prints each result as a line for people: what went well on standard output, what failed on
 * standard error, with the differences that were found. Not thread safe: one thread follows a run.
 */
public final class TextResults implements Consumer<ModelResult> {

  private static final String INDENT = "         ";

  /** How many digits of a signer's digest are shown. */
  private static final int SHOWN_DIGITS = 16;

  private final Console console;
  private final ShownModel shown;
  private final int maxDifferences;
  private final boolean fingerprints;

  /**
   * A printer on {@code console}.
   *
   * @param shown what models are called
   * @param maxDifferences how many differences of one model are shown
   * @param fingerprints whether the certificates that a model was verified with are shown
   */
  public TextResults(Console console, ShownModel shown, int maxDifferences, boolean fingerprints) {
    this.console = console;
    this.shown = shown;
    this.maxDifferences = maxDifferences;
    this.fingerprints = fingerprints;
  }

  @Override
  public void accept(ModelResult result) {
    String model = result.getModel().isEmpty() ? "(no model)" : shown.of(result.getModel());
    switch (result.getOutcome()) {
      case SIGNED ->
          console.result(
              line(
                  result,
                  model,
                  "  -> " + shown.of(result.getSignature()),
                  previous(result),
                  weakened(result)));
      case DIGESTED ->
          console.result(
              Message.of("sha256:%s  %s", Printable.whole(result.getRootDigest()), model));
      case SKIPPED -> console.result(line(result, model, message(result)));
      case FAILED -> printFailure(result, model);
      case VERIFIED, ALLOWED_UNSIGNED, UNKNOWN ->
          console.result(line(result, model, signer(result), weakened(result)));
    }
    SignerCertificate certificate = result.getCertificate();
    if (fingerprints && certificate != null) {
      printFingerprints(certificate);
    }
  }

  private static String line(ModelResult result, String... parts) {
    return Message.of("%-8s %s", result.getOutcome(), String.join("", parts));
  }

  private static String message(ModelResult result) {
    String message = result.getMessage();
    return message.isEmpty() ? "" : "  (" + Printable.whole(message) + ")";
  }

  /** Who signed, where a name says more than a digest, and which rule that was accepted by. */
  private static String signer(ModelResult result) {
    List<String> parts = new ArrayList<>();
    SignerCertificate certificate = result.getCertificate();
    if (certificate != null) {
      parts.add("signed by " + Printable.whole(signerName(certificate)));
      if (result.getTimestamp() != null) {
        parts.add("timestamp " + result.getTimestamp());
      }
    }
    if (!result.getPolicyRule().isEmpty()) {
      parts.add("rule " + Printable.whole(result.getPolicyRule()));
    }
    return parts.isEmpty() ? "" : "  (" + String.join(", ", parts) + ")";
  }

  /** Returns the name of a signer: the subject, or under sigstore the identity and its provider. */
  public static String signerName(SignerCertificate certificate) {
    return certificate.getIdentity().isEmpty()
        ? certificate.getSubject()
        : certificate.getIdentity() + " of " + certificate.getIdentityProvider();
  }

  /** Who had signed before, by the first digits of what identifies it. */
  private static String previous(ModelResult result) {
    String signer = result.getPreviousSigner();
    return signer.isEmpty()
        ? ""
        : Message.of(
            "  (previously signed by %s..., rule %s)",
            Printable.whole(signer.substring(0, Math.min(SHOWN_DIGITS, signer.length()))),
            Printable.whole(result.getPolicyRule()));
  }

  private void printFingerprints(SignerCertificate certificate) {
    List<String> path = certificate.getChainSha256();
    if (path.isEmpty()) {
      printDigest("unchecked", certificate.getSha256());
    }
    path.forEach(digest -> printDigest("sha256", digest));
    printDigest("anchor", certificate.getTrustAnchorSha256());
  }

  private static String weakened(ModelResult result) {
    return result.getWeakened().isEmpty()
        ? ""
        : result.getWeakened().stream()
            .map(check -> Printable.whole(check.contains(" ") ? check : "--" + check))
            .collect(Collectors.joining(", ", "  (weakened by ", ")"));
  }

  private void printFailure(ModelResult result, String model) {
    console.say(
        Message.of(
            "%-8s %s  %s: %s",
            Outcome.FAILED, model, result.getReason(), Printable.whole(result.getMessage())));
    result.getDifferences().stream().limit(maxDifferences).forEach(this::printDifference);
    long more =
        result.getMissing()
            + result.getExtra()
            + result.getChanged()
            - Math.min(maxDifferences, result.getDifferences().size());
    if (more > 0) {
      console.say(
          INDENT
              + "and "
              + Figures.count(more, "more difference")
              + " (--max-differences, --results or --output json show more)");
    }
  }

  private void printDifference(Difference difference) {
    String detail = difference.getDetail();
    console.say(
        Message.of(
            "%s%-8s %s%s",
            INDENT,
            difference.getKind().name().toLowerCase(Locale.ROOT),
            Printable.name(difference.getName()),
            detail.isEmpty() ? "" : "  (" + Printable.whole(detail) + ")"));
    printDigest("expected", difference.getExpected());
    printDigest("actual", difference.getActual());
  }

  private void printDigest(String label, String digest) {
    if (!digest.isEmpty()) {
      console.say(Message.of("%s%-8s %-8s %s", INDENT, "", label, Printable.whole(digest)));
    }
  }
}
