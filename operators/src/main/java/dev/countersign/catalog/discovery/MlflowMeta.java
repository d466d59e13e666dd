package dev.countersign.catalog.discovery;

import dev.countersign.yaml.YamlFile;
import dev.countersign.yaml.YamlFormatException;
import dev.countersign.yaml.YamlNode;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads the texts at the top of a {@code meta.yaml} that MLflow wrote. Numbers, lists and anything
 * nested are left out; a file that is not plain YAML, such as one with tags or aliases, has none.
 */
final class MlflowMeta {

  private MlflowMeta() {}

  /** Returns the texts by their keys. */
  static Map<String, String> texts(byte[] yaml) {
    Map<String, String> texts = new HashMap<>();
    try {
      if (YamlFile.parse(yaml).orElse(null) instanceof YamlNode.Mapping mapping) {
        for (YamlNode.Entry entry : mapping.entries()) {
          if (entry.value() instanceof YamlNode.Text text && text.isString()) {
            texts.put(entry.key(), text.value());
          }
        }
      }
    } catch (YamlFormatException e) {
      return Map.of();
    }
    return texts;
  }
}
