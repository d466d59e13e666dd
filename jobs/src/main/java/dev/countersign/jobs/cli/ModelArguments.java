package dev.countersign.jobs.cli;

import dev.countersign.options.UsageException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The models that the command line names, with those from standard input in the place of {@code -}.
 */
final class ModelArguments {

  private static final String STANDARD_INPUT = "-";

  private ModelArguments() {}

  /**
   * Returns paths, URIs and globs as they were given.
   *
   * @param noun what they name, for messages: model or bundle
   * @throws UsageException if there is none, or if standard input is no UTF-8 text
   */
  static List<String> read(List<String> arguments, InputStream standardInput, String noun) {
    List<String> models = new ArrayList<>();
    boolean used = false;
    for (String argument : arguments) {
      if (!argument.equals(STANDARD_INPUT)) {
        models.add(argument);
      } else if (used) {
        throw new UsageException("- was given twice; standard input can be read once only.");
      } else {
        used = true;
        models.addAll(lines(standardInput));
      }
    }
    if (models.isEmpty()) {
      throw new UsageException(
          used
              ? "Standard input names no " + noun + ". Write one path, URI or glob on each line."
              : "No "
                  + noun
                  + " was named. Give a folder, a file, a URI or a quoted glob, or - to read"
                  + " them from standard input."
                  + (noun.equals("model") ? " A catalog is named with --catalog." : ""));
    }
    return models;
  }

  private static List<String> lines(InputStream standardInput) {
    List<String> lines = new ArrayList<>();
    try {
      BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(
                  standardInput,
                  StandardCharsets.UTF_8
                      .newDecoder()
                      .onMalformedInput(CodingErrorAction.REPORT)
                      .onUnmappableCharacter(CodingErrorAction.REPORT)));
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.isBlank()) {
          lines.add(line);
        }
      }
      return lines;
    } catch (CharacterCodingException e) {
      throw new UsageException(
          String.format(
              Locale.ROOT,
              "Standard input is no UTF-8 text behind line %d. Write one path, URI or glob on each line.",
              lines.size()),
          e);
    } catch (IOException e) {
      throw new UsageException(
          String.format(
              Locale.ROOT, "Standard input cannot be read (%s).", e.getClass().getSimpleName()),
          e);
    }
  }
}
