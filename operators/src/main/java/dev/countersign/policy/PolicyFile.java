package dev.countersign.policy;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.StoreUri;
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

/**
 * A trust policy in a YAML file, of at most 1 MiB and 1,000 rules.
 *
 * <p>It is trusted like a flag, so nothing in it can weaken a check by mistake: keys that are not
 * known, empty lists and rules that say nothing are errors, not defaults.
 */
public final class PolicyFile {

  private static final int MAX_MEBIBYTES = 1;
  private static final int MAX_RULES = 1_000;

  private static final List<String> KEYS = List.of("version", "rules", "deny-fingerprints");

  private PolicyFile() {}

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
        return read(
            YamlFile.parse(Storages.readFully(uri, MAX_MEBIBYTES)),
            place,
            new FileSources(Storages.parent(uri), again));
      }
      Path folder = workingDirectory.resolve(file).normalize().getParent();
      return read(
          YamlFile.load(file, workingDirectory, "Check its name."),
          place,
          new FileSources((folder == null ? workingDirectory : folder).toString(), again));
    } catch (StorageException e) {
      throw place.refuse(0, e.getMessage());
    } catch (InvalidPathException e) {
      throw place.refuse(0, "That is no path on this machine. Check it.");
    } catch (YamlFormatException e) {
      throw unreadable(place, e);
    }
  }

  /** Reads the content of a policy. */
  static PolicySettings parse(String file, byte[] yaml, PolicySources sources)
      throws PolicyException {
    PolicyPlace place = new PolicyPlace(file, "");
    try {
      return read(YamlFile.parse(yaml), place, sources);
    } catch (YamlFormatException e) {
      throw unreadable(place, e);
    }
  }

  private static PolicyException unreadable(PolicyPlace place, YamlFormatException fault) {
    return place.refuse(fault.line(), "It " + fault.getMessage());
  }

  private static PolicySettings read(
      Optional<YamlNode> root, PolicyPlace place, PolicySources sources) throws PolicyException {
    Fields fields =
        Fields.of(root.orElse(new YamlNode.Sequence(1, List.of())), "a policy", KEYS, place);
    requireVersion(fields, place);
    YamlNode given = fields.require("rules", "a policy");
    if (!(given instanceof YamlNode.Sequence sequence)) {
      throw place.refuse(given.line(), "rules must be a list: lines that begin with '- name: '.");
    }
    RuleReader reader = new RuleReader(place, sources);
    List<PolicyRule> rules = new ArrayList<>();
    Map<String, Integer> lines = new HashMap<>();
    for (YamlNode node : fields.elements("rules", sequence, MAX_RULES)) {
      PolicyRule rule = reader.read(node);
      Integer before = lines.putIfAbsent(rule.name(), rule.line());
      if (before != null) {
        throw place
            .inRule(rule.name())
            .refuse(
                rule.line(),
                String.format(
                    Locale.ROOT,
                    "The rule at line %d has the same name. Results name rules, so name it"
                        + " otherwise.",
                    before));
      }
      rules.add(rule);
    }
    return new PolicySettings(rules, RuleReader.fingerprints(fields, place));
  }

  private static void requireVersion(Fields fields, PolicyPlace place) throws PolicyException {
    YamlNode version = fields.require("version", "a policy");
    if (!(version instanceof YamlNode.Text text) || !text.isLiteral("1")) {
      throw place.refuse(
          version.line(),
          "version must be 1, the one that this program knows. Write 'version: 1'.");
    }
  }
}
