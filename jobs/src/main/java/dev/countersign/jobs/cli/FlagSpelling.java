package dev.countersign.jobs.cli;

import dev.countersign.options.DeclaredOption;
import dev.countersign.options.declarations.DeclaredOptions;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Takes flags with underscores for those with hyphens: the reference client has some of either
 * kind. Help and completion show hyphens only.
 */
final class FlagSpelling {

  private static final String END_OF_OPTIONS = "--";

  private static final Set<String> FLAGS =
      DeclaredOptions.all().stream().map(DeclaredOption::flag).collect(Collectors.toSet());

  private FlagSpelling() {}

  /** Returns the arguments with known flags spelled with hyphens, up to a lone {@code --}. */
  static String[] hyphenated(String[] arguments) {
    String[] spelled = arguments.clone();
    for (int i = 0; i < spelled.length && !spelled[i].equals(END_OF_OPTIONS); i++) {
      spelled[i] = hyphenated(spelled[i]);
    }
    return spelled;
  }

  private static String hyphenated(String argument) {
    if (!argument.startsWith("--") || argument.indexOf('_') < 0) {
      return argument;
    }
    int equals = argument.indexOf('=');
    String name = equals < 0 ? argument : argument.substring(0, equals);
    String flag = name.replace('_', '-');
    boolean known = FLAGS.contains(flag.replaceFirst("^--no-(?=ignore-)", "--"));
    return known || FLAGS.contains(flag) ? flag + argument.substring(name.length()) : argument;
  }
}
