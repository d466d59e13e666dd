package dev.countersign.yaml;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.countersign.text.Printable;
import dev.countersign.text.StrictUtf8;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
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

/**
 * A YAML file of at most 1 MiB with one document. Aliases, which can make a few lines stand for
 * gigabytes, and tags, which name classes, are not taken.
 */
public final class YamlFile {

  private static final int MAX_BYTES = 1 << 20;

  /** Deeper than any file of ours. */
  private static final int MAX_DEPTH = 32;

  /** What a tree is made of event by event, so that nothing is made that was not asked for. */
  private final Iterator<Event> events;

  private YamlFile(String text) {
    events = new Yaml(new LoaderOptions()).parse(new StringReader(text)).iterator();
  }

  /**
   * Reads a file from the local disk.
   *
   * @param file as the user named it
   * @param workingDirectory what a relative name is relative to
   * @param check the remedy for a name that is wrong, as in {@code Check --config.}
   * @return empty if there is nothing in it
   * @throws YamlFormatException if it cannot be read, or {@link #parse} refuses it
   */
  public static Optional<YamlNode> load(String file, Path workingDirectory, String check)
      throws YamlFormatException {
    try (InputStream in = Files.newInputStream(workingDirectory.resolve(file))) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new YamlFormatException(0, "is larger than 1 MiB, the limit. %s", check);
      }
      return parse(bytes);
    } catch (NoSuchFileException e) {
      throw new YamlFormatException(0, "does not exist. %s", check);
    } catch (InvalidPathException e) {
      throw new YamlFormatException(0, "is not a valid path on this machine. %s", check);
    } catch (IOException e) {
      throw new YamlFormatException(
          0,
          "cannot be read (%s). %s Its permissions may be the cause.",
          e.getClass().getSimpleName(),
          check);
    }
  }

  /**
   * Reads the content of a file.
   *
   * @param yaml at most 1 MiB; not kept
   * @return empty if there is nothing in it
   * @throws YamlFormatException if it is not UTF-8, no YAML, or has duplicate keys, keys that are
   *     no text, aliases, tags, more than one document, or more than 32 levels
   */
  public static Optional<YamlNode> parse(byte[] yaml) throws YamlFormatException {
    String text =
        StrictUtf8.decode(yaml)
            .orElseThrow(() -> new YamlFormatException(0, "is not UTF-8 text. Save it as such."));
    return new YamlFile(text).root();
  }

  /** Returns the one document; empty if there is none. */
  private Optional<YamlNode> root() throws YamlFormatException {
    YamlNode root = null;
    for (Event event = next(); event != null; event = next()) {
      if (event instanceof DocumentStartEvent) {
        if (root != null) {
          throw refused(
              "has a second document at line %d. Keep one, without --- between.", line(event));
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
          "has an anchor or an alias (& or *) at line %d. Write the value out, or quote it.",
          line(event));
    }
    if (depth > MAX_DEPTH) {
      throw refused("is nested deeper at line %d than " + MAX_DEPTH + " levels.", line(event));
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
    throw refused(
        "is not valid YAML at line %d. Write lines of the form 'key: value'.", line(event));
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
        throw refused(
            "has something nested at line %d, where a key must be a string.", line(event));
      }
      if (!keys.add(key.value())) {
        throw new YamlFormatException(
            key.line(),
            "has the key '%s' twice, again at line %d. Keep one.",
            Printable.of(key.value()),
            key.line());
      }
      entries.add(new YamlNode.Entry(key.line(), key.value(), node(require(), depth + 1)));
    }
    return new YamlNode.Mapping(line(start), entries);
  }

  private static void requireNoTag(Event event, @Nullable String tag) throws YamlFormatException {
    if (tag != null) {
      throw refused(
          "has a tag (!) at line %d. Write the value without it, or quote it.", line(event));
    }
  }

  private Event require() throws YamlFormatException {
    Event event = next();
    if (event == null) {
      throw new YamlFormatException(0, "is not valid YAML: it ends too early. Complete it.");
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
          "is not valid YAML at line %d: %s.",
          line,
          Printable.of(String.valueOf(e.getProblem())));
    } catch (YAMLException | IllegalArgumentException e) {
      // The parser throws the second of an escape whose digits the end of the file cuts off.
      throw new YamlFormatException(0, "is not valid YAML. Write lines of the form 'key: value'.");
    }
  }

  /** Refuses something in the file; the problem has a place for its line. */
  @FormatMethod
  private static YamlFormatException refused(@FormatString String problem, int line) {
    return new YamlFormatException(line, problem, line);
  }

  private static int line(Event event) {
    return event.getStartMark() == null ? 1 : line(event.getStartMark());
  }

  private static int line(Mark mark) {
    return mark.getLine() + 1;
  }
}
