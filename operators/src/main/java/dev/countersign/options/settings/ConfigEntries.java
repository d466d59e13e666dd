package dev.countersign.options.settings;

import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.DeclaredOptions;
import dev.countersign.options.declarations.OutputOptions;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.util.List;
import java.util.Map;

/**
 * What a configuration file says.
 *
 * @param file its path, for messages; empty if there is no file
 * @param entries texts by key, one text or a list of them
 */
public record ConfigEntries(String file, Map<String, List<String>> entries) {

  /** No configuration file. */
  public static final ConfigEntries NONE = new ConfigEntries("", Map.of());

  public ConfigEntries {
    entries = Map.copyOf(entries);
  }

  /** Names a key in this file, for messages. */
  String origin(String key) {
    return Message.of("%s in %s", key, Printable.of(file));
  }

  /**
   * Refuses keys that are no options; one that another command takes may stand in a shared file.
   */
  void requireKnownKeys() {
    for (String key : entries.keySet()) {
      if (key.equals(OutputOptions.CONFIG.key())) {
        throw UsageException.of(
            "%s names another configuration file. Give --config on the command line only.",
            origin(key));
      }
      if (DeclaredOptions.named(key).isEmpty()) {
        throw UsageException.of(
            "%s has the key '%s', which is not an option%s. Correct or remove it.",
            Printable.of(file),
            Printable.of(key),
            DeclaredOptions.nearest(key)
                .map(nearest -> Message.of(" (did you mean '%s'?)", nearest))
                .orElse(""));
      }
    }
  }
}
