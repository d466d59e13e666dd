package dev.countersign.policy;

import dev.countersign.text.Printable;
import dev.countersign.verification.PolicyAcceptance;
import dev.countersign.verification.PolicyRule;
import dev.countersign.yaml.YamlNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the rules of a policy. */
final class RuleReader {

  private static final List<String> KEYS =
      List.of(
          "name",
          "models",
          "accept",
          "unsigned",
          "deny",
          "deny-fingerprints",
          "trust-previous-digests",
          "sign-unsigned");

  /** What goes with {@code accept} alone. */
  private static final List<String> OF_ACCEPT =
      List.of("deny-fingerprints", "trust-previous-digests");

  private static final Pattern NAME =
      Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N} ._/-]{0,99}");

  private static final Pattern FINGERPRINT =
      Pattern.compile("[0-9a-fA-F]{64}|[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){31}");

  private final PolicyPlace policy;
  private final PolicySources sources;

  RuleReader(PolicyPlace policy, PolicySources sources) {
    this.policy = policy;
    this.sources = sources;
  }

  PolicyRule read(YamlNode node) throws PolicyException {
    Fields unnamed = Fields.of(node, "a rule", KEYS, policy);
    YamlNode.Text name = unnamed.text("name", unnamed.require("name", "a rule"));
    if (!NAME.matcher(name.value()).matches()) {
      throw policy.refuse(
          name.line(),
          String.format(
              Locale.ROOT,
              "'%s' is no name for a rule. Take letters, digits, blanks and ._/- up to 100, a"
                  + " letter or a digit first.",
              Printable.of(name.value())));
    }
    PolicyPlace place = policy.inRule(name.value());
    Fields fields = Fields.of(node, "a rule", KEYS, place);
    boolean denied = fields.isText("deny", "all");
    boolean allowsUnsigned = fields.isText("unsigned", "allow");
    requireOneMeaning(fields, denied, allowsUnsigned, place);
    Optional<YamlNode> accept = fields.find("accept");
    return new PolicyRule(
        name.value(),
        fields.line(),
        models(fields, place),
        denied,
        allowsUnsigned,
        accept.isPresent()
            ? new AcceptanceReader(place, sources).read(accept.get())
            : PolicyAcceptance.NOBODY,
        fingerprints(fields, place),
        fields.isTrue("trust-previous-digests"),
        fields.isText("sign-unsigned", "allow"));
  }

  private static void requireOneMeaning(
      Fields fields, boolean denied, boolean allowsUnsigned, PolicyPlace place)
      throws PolicyException {
    boolean accepts = fields.has("accept");
    if (denied && (accepts || allowsUnsigned)) {
      throw place.refuse(
          fields.line("deny"), "deny does not go with accept or unsigned. Keep one of them.");
    }
    if (!denied && !accepts && !allowsUnsigned) {
      throw place.refuse(
          fields.line(),
          "It says nothing of its models. Give it accept, 'unsigned: allow' or 'deny: all'.");
    }
    for (String key : OF_ACCEPT) {
      if (!accepts && fields.has(key)) {
        throw place.refuse(
            fields.line(key),
            String.format(
                Locale.ROOT, "%s needs accept: without it no signer counts anyway.", key));
      }
    }
    if (!allowsUnsigned && fields.has("sign-unsigned")) {
      throw place.refuse(
          fields.line("sign-unsigned"),
          "sign-unsigned needs 'unsigned: allow': without it a model without a bundle is denied.");
    }
  }

  private static List<String> models(Fields fields, PolicyPlace place) throws PolicyException {
    YamlNode unused = fields.require("models", "a rule");
    List<String> patterns = new ArrayList<>();
    for (YamlNode.Text text : fields.texts("models")) {
      patterns.add(AcceptanceReader.pattern(text, place));
    }
    return patterns;
  }

  /** Returns fingerprints in lower case and without colons. */
  static List<String> fingerprints(Fields fields, PolicyPlace place) throws PolicyException {
    List<String> fingerprints = new ArrayList<>();
    for (YamlNode.Text text : fields.texts("deny-fingerprints")) {
      if (!FINGERPRINT.matcher(text.value()).matches()) {
        throw place.refuse(
            text.line(),
            String.format(
                Locale.ROOT,
                "'%s' is no fingerprint. Give the SHA-256 of a certificate, or the hint of a key:"
                    + " 64 hexadecimal digits.",
                Printable.of(text.value())));
      }
      fingerprints.add(text.value().replace(":", "").toLowerCase(Locale.ROOT));
    }
    return fingerprints;
  }
}
