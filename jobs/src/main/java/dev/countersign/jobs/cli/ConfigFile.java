package dev.countersign.jobs.cli;

import dev.countersign.oms.Printable;
import dev.countersign.options.ConfigEntries;
import dev.countersign.options.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads the options in a YAML file: one mapping of keys to texts or lists of texts. Texts are taken
 * as they stand ({@code 0777} is no octal number here, {@code no} no truth value), so that a value
 * means the same in a file, in a variable and behind a flag.
 */
final class ConfigFile {

  private static final int MAX_BYTES = 1 << 20;

  private final String file;

  private ConfigFile(String file) {
    this.file = file;
  }

  /**
   * Reads a file.
   *
   * @param file as the user named it
   * @param workingDirectory what a relative name is relative to
   * @throws UsageException if it cannot be read or holds anything else
   */
  static ConfigEntries read(String file, Path workingDirectory) {
    return parse(file, new ConfigFile(file).content(workingDirectory));
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
    return new ConfigEntries(file, reader.entries(reader.text(yaml)));
  }

  private byte[] content(Path workingDirectory) {
    try (InputStream in = Files.newInputStream(workingDirectory.resolve(file))) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw refused("is larger than 1 MiB, the limit. Check --config.");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw refused("does not exist. Check --config.");
    } catch (InvalidPathException e) {
      throw refused("is no path on this machine. Check --config.");
    } catch (IOException e) {
      throw refused(
          String.format(
              Locale.ROOT,
              "cannot be read (%s). Check --config and its permissions.",
              e.getClass().getSimpleName()));
    }
  }

  private String text(byte[] yaml) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(yaml)).toString();
    } catch (CharacterCodingException e) {
      throw refused("is not UTF-8 text. Save it as such.");
    }
  }

  private Map<String, List<String>> entries(String text) {
    Node root;
    try {
      root = new Yaml(new LoaderOptions()).compose(new StringReader(text));
    } catch (MarkedYAMLException e) {
      throw refused(
          String.format(
              Locale.ROOT,
              "is no valid YAML at line %d: %s.",
              e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1,
              Printable.of(String.valueOf(e.getProblem()))));
    } catch (YAMLException | IllegalArgumentException e) {
      // The second for a tag such as !%20, which the library checks only when it makes the node.
      throw refused("is no valid YAML. Write lines of the form 'key: value'.");
    }
    if (root == null) {
      return Map.of();
    }
    if (!(root instanceof MappingNode mapping)) {
      throw refused("must hold lines of the form 'key: value', as in 'hash-algorithm: blake3'.");
    }
    Map<String, List<String>> entries = new LinkedHashMap<>();
    for (NodeTuple entry : mapping.getValue()) {
      String key = text(entry.getKeyNode(), "a key").replace('_', '-');
      if (entries.put(key, texts(key, entry.getValueNode())) != null) {
        throw refused(
            String.format(
                Locale.ROOT,
                "has the key '%s' twice, again at line %d. Keep one.",
                Printable.of(key),
                line(entry.getKeyNode())));
      }
    }
    return entries;
  }

  private List<String> texts(String key, Node value) {
    String what = String.format(Locale.ROOT, "the value of '%s'", Printable.of(key));
    if (!(value instanceof SequenceNode sequence)) {
      return List.of(text(value, what));
    }
    List<String> texts = new ArrayList<>();
    for (Node element : sequence.getValue()) {
      texts.add(text(element, what));
    }
    return texts;
  }

  private String text(Node node, String what) {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw refused(
        String.format(
            Locale.ROOT,
            "has something nested at line %d, where %s must be a text or a list of texts.",
            line(node),
            what));
  }

  private static int line(Node node) {
    return node.getStartMark().getLine() + 1;
  }

  private UsageException refused(String problem) {
    return new UsageException(
        String.format(Locale.ROOT, "The configuration file %s %s", Printable.of(file), problem));
  }
}
