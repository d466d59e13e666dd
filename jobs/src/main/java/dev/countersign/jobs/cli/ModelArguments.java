package dev.countersign.jobs.cli;

import dev.countersign.options.UsageException;
import dev.countersign.text.Message;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The models that the command line names, with those from standard input in the place of {@code -}.
 */
final class ModelArguments {

  private static final String STANDARD_INPUT = "-";
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private ModelArguments() {}

  /**
   * Returns paths, URIs and globs as they were given.
   *
   * @param noun what they name, for messages: model or bundle
   * @param nullSeparated whether names on standard input end in NUL, rather than with their line
   * @throws UsageException if there is none, or if standard input is no UTF-8 text
   */
  static List<String> read(
      List<String> arguments, InputStream standardInput, String noun, boolean nullSeparated) {
    List<String> models = new ArrayList<>();
    boolean used = false;
    for (String argument : arguments) {
      if (!argument.equals(STANDARD_INPUT)) {
        models.add(argument);
      } else if (used) {
        throw new UsageException("- was given twice; standard input can be read once only.");
      } else {
        used = true;
        models.addAll(names(standardInput, nullSeparated));
      }
    }
    if (nullSeparated && !used) {
      throw new UsageException(
          "--null needs - among the arguments: it says how names on standard input end.");
    }
    if (models.isEmpty()) {
      throw new UsageException(
          used
              ? "Standard input names no "
                  + noun
                  + (nullSeparated
                      ? ". Write paths, URIs or globs that each end with NUL, as find -print0 does."
                      : ". Write one path, URI or glob on each line.")
              : "No "
                  + noun
                  + " was named. Give a folder, a file, a URI or a quoted glob, or - to read"
                  + " them from standard input."
                  + (noun.equals("model") ? " A catalog is named with --catalog." : ""));
    }
    return models;
  }

  private static List<String> names(InputStream standardInput, boolean nullSeparated) {
    List<String> names = new ArrayList<>();
    try {
      BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(standardInput, StandardCharsets.UTF_8.newDecoder()));
      skipMark(reader);
      if (nullSeparated) {
        addNullSeparated(reader, names);
      } else {
        addLines(reader, names);
      }
      return names;
    } catch (CharacterCodingException e) {
      throw new UsageException(
          Message.of(
              "Standard input is not valid UTF-8 after %s %d. Write %s.",
              nullSeparated ? "name" : "line",
              names.size(),
              nullSeparated
                  ? "paths, URIs or globs that each end with NUL"
                  : "one path, URI or glob on each line"),
          e);
    } catch (IOException e) {
      throw new UsageException(
          Message.of("Standard input cannot be read (%s).", e.getClass().getSimpleName()), e);
    }
  }

  /** Skips the byte order mark that programs for Windows put in front of UTF-8. */
  private static void skipMark(BufferedReader reader) throws IOException {
    reader.mark(1);
    if (reader.read() != BYTE_ORDER_MARK) {
      reader.reset();
    }
  }

  private static void addLines(BufferedReader reader, List<String> names) throws IOException {
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      if (line.indexOf('\0') >= 0) {
        throw new UsageException(
            "Standard input contains NUL characters. Use --null if names end with them, as from"
                + " find -print0.");
      }
      if (!line.isBlank()) {
        names.add(line);
      }
    }
  }

  /** A name may hold line ends; the last one may lack its NUL. */
  private static void addNullSeparated(BufferedReader reader, List<String> names)
      throws IOException {
    StringBuilder name = new StringBuilder();
    int read;
    do {
      read = reader.read();
      if (read > 0) {
        name.append((char) read);
      } else if (!name.isEmpty()) {
        names.add(name.toString());
        name.setLength(0);
      }
    } while (read >= 0);
  }
}
