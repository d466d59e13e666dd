package dev.countersign.yaml;

import java.util.List;
import java.util.regex.Pattern;

/** A piece of a YAML file. Immutable. */
public sealed interface YamlNode {

  /** Returns the line where it begins, from 1. */
  int line();

  /**
   * A text, as it stands in the file: {@code 0777} and {@code no} are texts like any other.
   *
   * @param line where it begins
   * @param value the text, without quotes
   * @param quoted whether it stood in quotes, or as a block
   */
  record Text(int line, String value, boolean quoted) implements YamlNode {

    /** What YAML's core schema takes for something else than a text (YAML 1.2.2, 10.3.2). */
    private static final Pattern NO_STRING =
        Pattern.compile(
            "~|null|Null|NULL|true|True|TRUE|false|False|FALSE|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
                + "|[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?"
                + "|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)|");

    /** Returns whether every reader of YAML takes it for a text: no number, truth value or null. */
    public boolean isString() {
      return quoted || !NO_STRING.matcher(value).matches();
    }

    /** Returns whether every reader of YAML takes it for this number or truth value. */
    public boolean isLiteral(String literal) {
      return !quoted && value.equals(literal);
    }
  }

  /**
   * A list.
   *
   * @param line where it begins
   * @param elements in the order of the file
   */
  record Sequence(int line, List<YamlNode> elements) implements YamlNode {

    public Sequence {
      elements = List.copyOf(elements);
    }
  }

  /**
   * A mapping, in which no key stands twice.
   *
   * @param line where it begins
   * @param entries in the order of the file
   */
  record Mapping(int line, List<Entry> entries) implements YamlNode {

    public Mapping {
      entries = List.copyOf(entries);
    }
  }

  /**
   * A key with its value.
   *
   * @param line where the key stands
   * @param key the key
   * @param value its value
   */
  record Entry(int line, String key, YamlNode value) {}
}
