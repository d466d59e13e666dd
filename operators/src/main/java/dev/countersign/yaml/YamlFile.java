package dev.countersign.yaml;

import dev.countersign.text.StrictUtf8;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * A YAML file of at most 1 MiB with one document. Aliases, which can make a few lines stand for
 * gigabytes, and tags, which name classes, are not taken.
 */
public final class YamlFile {

  private static final int MAX_BYTES = 1 << 20;

  private YamlFile() {}

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
        throw new YamlFormatException(0, "is larger than 1 MiB, the limit. " + check);
      }
      return parse(bytes);
    } catch (NoSuchFileException e) {
      throw new YamlFormatException(0, "does not exist. " + check);
    } catch (InvalidPathException e) {
      throw new YamlFormatException(0, "is no path on this machine. " + check);
    } catch (IOException e) {
      throw new YamlFormatException(
          0,
          String.format(
              Locale.ROOT,
              "cannot be read (%s). %s Its permissions may be the cause.",
              e.getClass().getSimpleName(),
              check));
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
    return new YamlTree(text).root();
  }
}
