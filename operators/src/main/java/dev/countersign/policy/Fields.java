package dev.countersign.policy;

import dev.countersign.text.Printable;
import dev.countersign.yaml.YamlNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The keys of one mapping in a policy, all of them known, and their values. */
final class Fields {

  /** The most elements of any list below a rule: patterns, keys, names. */
  private static final int MAX_ELEMENTS = 100;

  private final PolicyPlace place;
  private final int line;
  private final Map<String, YamlNode.Entry> entries = new TreeMap<>();

  private Fields(PolicyPlace place, int line) {
    this.place = place;
    this.line = line;
  }

  /**
   * Returns the fields of a mapping.
   *
   * @param what what it is, for messages, as in {@code a rule}
   * @throws PolicyException if it is no mapping, or has other keys than the known ones
   */
  static Fields of(YamlNode node, String what, List<String> known, PolicyPlace place)
      throws PolicyException {
    if (!(node instanceof YamlNode.Mapping mapping)) {
      throw place.refuse(
          node.line(),
          "%s must have lines of the form 'key: value', with the keys %s.",
          what,
          String.join(", ", known));
    }
    Fields fields = new Fields(place, mapping.line());
    for (YamlNode.Entry entry : mapping.entries()) {
      if (!known.contains(entry.key())) {
        throw place.refuse(
            entry.line(),
            "'%s' is not a key of %s. Known keys are %s.",
            Printable.of(entry.key()),
            what,
            String.join(", ", known));
      }
      fields.entries.put(entry.key(), entry);
    }
    return fields;
  }

  /** Returns the line where the mapping begins, from 1. */
  int line() {
    return line;
  }

  /** Returns the line of a key that is there, from 1. */
  int line(String key) {
    YamlNode.Entry entry = entries.get(key);
    return entry == null ? line : entry.line();
  }

  boolean has(String key) {
    return entries.containsKey(key);
  }

  /** Returns the value of a key; empty if it is not there. */
  Optional<YamlNode> find(String key) {
    return Optional.ofNullable(entries.get(key)).map(YamlNode.Entry::value);
  }

  /** Returns the value of a key that must be there. */
  YamlNode require(String key, String what) throws PolicyException {
    return find(key).orElseThrow(() -> place.refuse(line, "%s needs %s.", what, key));
  }

  /** Returns a value that must be a text. */
  YamlNode.Text text(String key, YamlNode value) throws PolicyException {
    if (!(value instanceof YamlNode.Text text)) {
      throw place.refuse(value.line(), "%s must be a string.", key);
    }
    if (!text.isString()) {
      throw place.refuse(
          value.line(),
          "%s must be a string, and '%s' is not one in YAML. Put it in quotes.",
          key,
          Printable.of(text.value()));
    }
    if (text.value().isEmpty()) {
      throw place.refuse(value.line(), "%s is empty.", key);
    }
    return text;
  }

  /** Returns the elements of a value that is a list, or the value as the only element. */
  List<YamlNode> elements(String key) throws PolicyException {
    Optional<YamlNode> value = find(key);
    if (value.isEmpty()) {
      return List.of();
    }
    if (!(value.get() instanceof YamlNode.Sequence sequence)) {
      return List.of(value.get());
    }
    return elements(key, sequence, MAX_ELEMENTS);
  }

  /** Returns the elements of a list that must have one and may have {@code most}. */
  List<YamlNode> elements(String key, YamlNode.Sequence sequence, int most) throws PolicyException {
    int size = sequence.elements().size();
    if (size == 0) {
      throw place.refuse(sequence.line(), "%s is an empty list. Fill it, or take it out.", key);
    }
    if (size > most) {
      throw place.refuse(
          sequence.line(), "%s has %,d elements, and the limit is %,d.", key, size, most);
    }
    return sequence.elements();
  }

  /** Returns the texts of a value that is a text or a list of texts; none if it is not there. */
  List<YamlNode.Text> texts(String key) throws PolicyException {
    List<YamlNode.Text> texts = new ArrayList<>();
    for (YamlNode element : elements(key)) {
      texts.add(text(key, element));
    }
    return texts;
  }

  /** Requires that a key has this one value; returns whether it is there. */
  boolean isText(String key, String only) throws PolicyException {
    Optional<YamlNode> value = find(key);
    if (value.isEmpty()) {
      return false;
    }
    if (!text(key, value.get()).value().equals(only)) {
      throw place.refuse(value.get().line(), "%s can be '%s', or be left out.", key, only);
    }
    return true;
  }

  /** Returns a truth value; false if it is not there. */
  boolean isTrue(String key) throws PolicyException {
    Optional<YamlNode> value = find(key);
    if (value.isEmpty()) {
      return false;
    }
    if (value.get() instanceof YamlNode.Text text) {
      if (text.isLiteral("true")) {
        return true;
      }
      if (text.isLiteral("false")) {
        return false;
      }
    }
    throw place.refuse(value.get().line(), "%s must be true or false.", key);
  }
}
