package dev.countersign.jobs.cli;

import dev.countersign.options.UsageException;
import dev.countersign.options.settings.ConfigEntries;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.yaml.YamlFile;
import dev.countersign.yaml.YamlFormatException;
import dev.countersign.yaml.YamlNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the options in a YAML file: one mapping of keys to texts or lists of texts. Texts are taken
 * as they stand ({@code 0777} is no octal number here, {@code no} no truth value), so that a value
 * means the same in a file, in a variable and behind a flag.
 *
 * @param file as the user named it
 */
record ConfigFile(String file) {

  /**
   * Reads a file.
   *
   * @param file as the user named it
   * @param workingDirectory what a relative name is relative to
   * @throws UsageException if it cannot be read or holds anything else
   */
  static ConfigEntries read(String file, Path workingDirectory) {
    ConfigFile reader = new ConfigFile(file);
    try {
      return reader.entries(YamlFile.load(file, workingDirectory, "Check --config."));
    } catch (YamlFormatException e) {
      throw reader.refused(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Reads the content of a file.
   *
   * @param file as the user named it
   * @param yaml at most 1 MiB
   * @throws UsageException if it holds anything else
   */
  static ConfigEntries parse(String file, byte[] yaml) {
    ConfigFile reader = new ConfigFile(file);
    try {
      return reader.entries(YamlFile.parse(yaml));
    } catch (YamlFormatException e) {
      throw reader.refused(String.valueOf(e.getMessage()));
    }
  }

  private ConfigEntries entries(Optional<YamlNode> root) {
    if (root.isEmpty()) {
      return new ConfigEntries(file, Map.of());
    }
    if (!(root.get() instanceof YamlNode.Mapping mapping)) {
      throw refused("must hold lines of the form 'key: value', as in 'hash-algorithm: blake3'.");
    }
    Map<String, List<String>> entries = new LinkedHashMap<>();
    for (YamlNode.Entry entry : mapping.entries()) {
      String key = entry.key().replace('_', '-');
      if (entries.put(key, texts(key, entry.value())) != null) {
        throw refused(
            Message.of(
                "has the key '%s' twice, again at line %d. Keep one.",
                Printable.of(key), entry.line()));
      }
    }
    return new ConfigEntries(file, entries);
  }

  private List<String> texts(String key, YamlNode value) {
    String what = Message.of("the value of '%s'", Printable.of(key));
    if (!(value instanceof YamlNode.Sequence sequence)) {
      return List.of(text(value, what));
    }
    List<String> texts = new ArrayList<>();
    for (YamlNode element : sequence.elements()) {
      texts.add(text(element, what));
    }
    return texts;
  }

  private String text(YamlNode node, String what) {
    if (node instanceof YamlNode.Text text) {
      return text.value();
    }
    throw refused(
        Message.of(
            "has something nested at line %d, where %s must be a text or a list of texts.",
            node.line(), what));
  }

  private UsageException refused(String problem) {
    return UsageException.of("The configuration file %s %s", Printable.of(file), problem);
  }
}
