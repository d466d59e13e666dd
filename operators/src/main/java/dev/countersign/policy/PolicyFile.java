package dev.countersign.policy;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.Printable;
import dev.countersign.text.StoreUri;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.verification.PolicyAcceptance;
import dev.countersign.verification.PolicyRule;
import dev.countersign.verification.PolicySettings;
import dev.countersign.yaml.YamlFile;
import dev.countersign.yaml.YamlFormatException;
import dev.countersign.yaml.YamlNode;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A trust policy in a YAML file, of at most 1 MiB and 1,000 rules.
 *
 * <p>It is trusted like a flag, so nothing in it can weaken a check by mistake: keys that are not
 * known, empty lists and rules that say nothing are errors, not defaults.
 */
public final class PolicyFile {

  private static final int MAX_MEBIBYTES = 1;
  private static final int MAX_RULES = 1_000;

  private static final String TRUSTED_ROOT = "sigstore-trusted-root";

  private static final List<String> KEYS =
      List.of("version", "rules", "deny-fingerprints", TRUSTED_ROOT);

  private static final List<String> KEYS_OF_RULES =
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

  private PolicyFile(PolicyPlace policy, PolicySources sources) {
    this.policy = policy;
    this.sources = sources;
  }

  /**
   * Reads a policy and every file that it names, from the local disk or a store.
   *
   * @param file as the user named it: a path, or a URI with a scheme
   * @param workingDirectory what a relative name is relative to, absolute; names in the policy are
   *     relative to the policy's folder
   * @throws PolicyException if the policy, or something that it names, cannot be used
   */
  public static PolicySettings load(String file, Path workingDirectory) throws PolicyException {
    return load(file, workingDirectory, false);
  }

  /**
   * As {@link #load}, of a policy that was read before: a revocation list that has gone out of date
   * since fails its models, and does not keep the rest from use.
   */
  public static PolicySettings reload(String file, Path workingDirectory) throws PolicyException {
    return load(file, workingDirectory, true);
  }

  private static PolicySettings load(String file, Path workingDirectory, boolean again)
      throws PolicyException {
    PolicyPlace place = new PolicyPlace(file, "");
    try {
      if (StoreUri.hasScheme(file)) {
        String uri = Storages.absolute(file, "/");
        Optional<YamlNode> root = YamlFile.parse(Storages.readFully(uri, MAX_MEBIBYTES));
        return new PolicyFile(place, new FileSources(Storages.parent(uri), again)).read(root);
      }
      Path folder = workingDirectory.resolve(file).normalize().getParent();
      String base = (folder == null ? workingDirectory : folder).toString();
      return new PolicyFile(place, new FileSources(base, again))
          .read(YamlFile.load(file, workingDirectory, "Check its name."));
    } catch (StorageException e) {
      throw place.refuse(0, "%s", e.getMessage());
    } catch (InvalidPathException e) {
      throw place.refuse(0, "That is not a valid path on this machine. Check it.");
    } catch (YamlFormatException e) {
      throw unreadable(place, e);
    }
  }

  /** Reads the content of a policy. */
  static PolicySettings parse(String file, byte[] yaml, PolicySources sources)
      throws PolicyException {
    PolicyPlace place = new PolicyPlace(file, "");
    try {
      return new PolicyFile(place, sources).read(YamlFile.parse(yaml));
    } catch (YamlFormatException e) {
      throw unreadable(place, e);
    }
  }

  private static PolicyException unreadable(PolicyPlace place, YamlFormatException fault) {
    return place.refuse(0, "It %s", fault.getMessage());
  }

  private PolicySettings read(Optional<YamlNode> root) throws PolicyException {
    Fields fields =
        Fields.of(root.orElse(new YamlNode.Sequence(1, List.of())), "a policy", KEYS, policy);
    requireVersion(fields);
    YamlNode given = fields.require("rules", "a policy");
    if (!(given instanceof YamlNode.Sequence sequence)) {
      throw policy.refuse(given.line(), "rules must be a list: lines that begin with '- name: '.");
    }
    List<PolicyRule> rules = new ArrayList<>();
    Map<String, Integer> lines = new HashMap<>();
    for (YamlNode node : fields.elements("rules", sequence, MAX_RULES)) {
      PolicyRule rule = rule(node);
      Integer before = lines.putIfAbsent(rule.name(), rule.line());
      if (before != null) {
        throw policy
            .inRule(rule.name())
            .refuse(
                rule.line(),
                "The rule at line %d has the same name. Results name rules, so name it"
                    + " otherwise.",
                before);
      }
      rules.add(rule);
    }
    return new PolicySettings(rules, fingerprints(fields, policy), sigstore(fields));
  }

  /** Returns the Sigstore instance, whose file is read but not parsed: that takes its libraries. */
  private @Nullable SigstoreInstance sigstore(Fields fields) throws PolicyException {
    Optional<YamlNode> value = fields.find(TRUSTED_ROOT);
    if (value.isEmpty()) {
      return null;
    }
    YamlNode.Text file = fields.text(TRUSTED_ROOT, value.get());
    try {
      return new SigstoreInstance(sources.sigstore(file.value()), null);
    } catch (StorageException e) {
      throw policy.refuse(file.line(), "%s", e.getMessage());
    } catch (InvalidPathException e) {
      throw policy.refuse(
          file.line(),
          "%s is not a valid path on this machine. Check it.",
          Printable.of(file.value()));
    }
  }

  private void requireVersion(Fields fields) throws PolicyException {
    YamlNode version = fields.require("version", "a policy");
    if (!(version instanceof YamlNode.Text text) || !text.isLiteral("1")) {
      throw policy.refuse(
          version.line(),
          "version must be 1, the one that this program knows. Write 'version: 1'.");
    }
  }

  private PolicyRule rule(YamlNode node) throws PolicyException {
    Fields unnamed = Fields.of(node, "a rule", KEYS_OF_RULES, policy);
    YamlNode.Text name = unnamed.text("name", unnamed.require("name", "a rule"));
    if (!NAME.matcher(name.value()).matches()) {
      throw policy.refuse(
          name.line(),
          "'%s' is not a valid rule name. Use up to 100 letters, digits, spaces and ._/-, with"
              + " a letter or digit first.",
          Printable.of(name.value()));
    }
    PolicyPlace place = policy.inRule(name.value());
    Fields fields = Fields.of(node, "a rule", KEYS_OF_RULES, place);
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
            fields.line(key), "%s needs accept: without it no signer counts anyway.", key);
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
  private static List<String> fingerprints(Fields fields, PolicyPlace place)
      throws PolicyException {
    List<String> fingerprints = new ArrayList<>();
    for (YamlNode.Text text : fields.texts("deny-fingerprints")) {
      if (!FINGERPRINT.matcher(text.value()).matches()) {
        throw place.refuse(
            text.line(),
            "'%s' is not a fingerprint. Give the SHA-256 fingerprint of a certificate or a key: 64"
                + " hexadecimal digits.",
            Printable.of(text.value()));
      }
      fingerprints.add(text.value().replace(":", "").toLowerCase(Locale.ROOT));
    }
    return fingerprints;
  }
}
