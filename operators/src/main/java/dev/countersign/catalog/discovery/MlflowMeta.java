package dev.countersign.catalog.discovery;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads one value out of a {@code meta.yaml} as MLflow writes it: keys at the beginning of lines,
 * one scalar each, plain or quoted, folded over indented lines if it is long. Anything else is no
 * value to this reader; nothing of YAML can make it do more.
 */
final class MlflowMeta {

  private MlflowMeta() {}

  /** Returns the value of a key; empty if there is none, or none that is understood. */
  static Optional<String> value(String yaml, String key) {
    List<String> parts = new ArrayList<>();
    for (String line : yaml.lines().toList()) {
      if (parts.isEmpty()) {
        if (line.startsWith(key + ": ")) {
          parts.add(line.substring(key.length() + 2).strip());
        }
      } else if (line.startsWith(" ")) {
        parts.add(line.strip());
      } else {
        break;
      }
    }
    return parts.isEmpty() ? Optional.empty() : scalar(String.join(" ", parts).strip());
  }

  private static Optional<String> scalar(String text) {
    if (text.length() >= 2 && text.startsWith("'") && text.endsWith("'")) {
      return Optional.of(text.substring(1, text.length() - 1).replace("''", "'"));
    }
    if (text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"")) {
      String inside = text.substring(1, text.length() - 1);
      return inside.indexOf('\\') >= 0 ? Optional.empty() : Optional.of(inside);
    }
    boolean plain = !text.isEmpty() && "'\"|>&*!{[#%@`".indexOf(text.charAt(0)) < 0;
    return plain && !text.equals("null") ? Optional.of(text) : Optional.empty();
  }
}
