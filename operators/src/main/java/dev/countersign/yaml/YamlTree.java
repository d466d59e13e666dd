package dev.countersign.yaml;

import dev.countersign.text.Printable;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingEndEvent;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceEndEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;

/** Makes a tree of a text, event by event, so that nothing is made of it that was not asked for. */
final class YamlTree {

  /** Deeper than any file of ours. */
  private static final int MAX_DEPTH = 32;

  private final Iterator<Event> events;

  YamlTree(String text) {
    events = new Yaml(new LoaderOptions()).parse(new StringReader(text)).iterator();
  }

  /** Returns the one document; empty if there is none. */
  Optional<YamlNode> root() throws YamlFormatException {
    YamlNode root = null;
    for (Event event = next(); event != null; event = next()) {
      if (event instanceof DocumentStartEvent) {
        if (root != null) {
          throw refused(event, "has a second document at line %d. Keep one, without --- between.");
        }
        root = node(require(), 0);
      }
    }
    return Optional.ofNullable(root);
  }

  private YamlNode node(Event event, int depth) throws YamlFormatException {
    if (event instanceof AliasEvent
        || (event instanceof NodeEvent named && named.getAnchor() != null)) {
      throw refused(
          event,
          "has an anchor or an alias (& or *) at line %d. Write the value out, or quote it.");
    }
    if (depth > MAX_DEPTH) {
      throw refused(event, "is nested deeper at line %d than " + MAX_DEPTH + " levels.");
    }
    if (event instanceof ScalarEvent scalar) {
      requireNoTag(event, scalar.getTag());
      return new YamlNode.Text(
          line(event),
          scalar.getValue(),
          scalar.getScalarStyle() != DumperOptions.ScalarStyle.PLAIN);
    }
    if (event instanceof SequenceStartEvent sequence) {
      requireNoTag(event, sequence.getTag());
      return sequence(event, depth);
    }
    if (event instanceof MappingStartEvent mapping) {
      requireNoTag(event, mapping.getTag());
      return mapping(event, depth);
    }
    throw refused(event, "is no valid YAML at line %d. Write lines of the form 'key: value'.");
  }

  private YamlNode sequence(Event start, int depth) throws YamlFormatException {
    List<YamlNode> elements = new ArrayList<>();
    for (Event event = require(); !(event instanceof SequenceEndEvent); event = require()) {
      elements.add(node(event, depth + 1));
    }
    return new YamlNode.Sequence(line(start), elements);
  }

  private YamlNode mapping(Event start, int depth) throws YamlFormatException {
    List<YamlNode.Entry> entries = new ArrayList<>();
    Set<String> keys = new HashSet<>();
    for (Event event = require(); !(event instanceof MappingEndEvent); event = require()) {
      if (!(node(event, depth + 1) instanceof YamlNode.Text key)) {
        throw refused(event, "has something nested at line %d, where a key must be a text.");
      }
      if (!keys.add(key.value())) {
        throw new YamlFormatException(
            key.line(),
            String.format(
                Locale.ROOT,
                "has the key '%s' twice, again at line %d. Keep one.",
                Printable.of(key.value()),
                key.line()));
      }
      entries.add(new YamlNode.Entry(key.line(), key.value(), node(require(), depth + 1)));
    }
    return new YamlNode.Mapping(line(start), entries);
  }

  private static void requireNoTag(Event event, @Nullable String tag) throws YamlFormatException {
    if (tag != null) {
      throw refused(event, "has a tag (!) at line %d. Write the value without it, or quote it.");
    }
  }

  private Event require() throws YamlFormatException {
    Event event = next();
    if (event == null) {
      throw new YamlFormatException(0, "is no valid YAML: it ends too early. Complete it.");
    }
    return event;
  }

  private @Nullable Event next() throws YamlFormatException {
    try {
      return events.hasNext() ? events.next() : null;
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 1 : line(e.getProblemMark());
      throw new YamlFormatException(
          line,
          String.format(
              Locale.ROOT,
              "is no valid YAML at line %d: %s.",
              line,
              Printable.of(String.valueOf(e.getProblem()))));
    } catch (YAMLException e) {
      throw new YamlFormatException(0, "is no valid YAML. Write lines of the form 'key: value'.");
    }
  }

  private static YamlFormatException refused(Event event, String problem) {
    return new YamlFormatException(line(event), String.format(Locale.ROOT, problem, line(event)));
  }

  private static int line(Event event) {
    return event.getStartMark() == null ? 1 : line(event.getStartMark());
  }

  private static int line(Mark mark) {
    return mark.getLine() + 1;
  }
}
