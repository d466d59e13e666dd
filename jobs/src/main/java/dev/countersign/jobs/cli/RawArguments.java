package dev.countersign.jobs.cli;

import dev.countersign.options.DeclaredOption;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.DeclaredOptions;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Arguments as a shell passes them. Flags of other clients that carry a secret are refused: what
 * stands on a command line is seen by every user of the machine and kept in histories. Flags with
 * underscores are taken for those with hyphens: the reference client has some of either kind. Help
 * and completion show hyphens only.
 */
final class RawArguments {

  private static final String END_OF_OPTIONS = "--";

  private static final Set<String> FLAGS =
      DeclaredOptions.all().stream().map(DeclaredOption::flag).collect(Collectors.toSet());

  /** Flag to what to do instead. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "--password",
          "Put the passphrase into a file and give --password-file FILE, or into an environment"
              + " variable and give --password-env NAME.",
          "--identity-token",
          "Put the token into a file and give --identity-token-file FILE, or into an environment"
              + " variable and give --identity-token-env NAME.",
          "--client-secret",
          "Nobody signs in here: obtain an identity token, and give --identity-token-file FILE or"
              + " --identity-token-env NAME.");

  private RawArguments() {}

  /**
   * Returns the arguments with known flags spelled with hyphens, up to a lone {@code --}.
   *
   * @throws UsageException if one of them would carry a secret, which is never repeated
   */
  static String[] spelled(String[] arguments) {
    String[] spelled = arguments.clone();
    for (int i = 0; i < spelled.length && !spelled[i].equals(END_OF_OPTIONS); i++) {
      refuseSecret(spelled[i]);
      spelled[i] = hyphenated(spelled[i]);
    }
    return spelled;
  }

  private static void refuseSecret(String argument) {
    String flag = flag(argument).replace('_', '-');
    String instead = REFUSED.get(flag);
    if (instead != null) {
      throw UsageException.of(
          "%s would put a secret on the command line, where others see it. %s", flag, instead);
    }
    if (argument.toLowerCase(Locale.ROOT).contains("pin-value=")) {
      throw new UsageException(
          "A URI with pin-value= would put a PIN on the command line, where others see it. Name"
              + " the file that holds it instead: pin-source=file:/path (RFC 7512), as"
              + " --password-file FILE does for a passphrase.");
    }
  }

  private static String hyphenated(String argument) {
    if (!argument.startsWith("--") || argument.indexOf('_') < 0) {
      return argument;
    }
    String name = flag(argument);
    String flag = name.replace('_', '-');
    boolean known = FLAGS.contains(flag.replaceFirst("^--no-(?=ignore-)", "--"));
    return known || FLAGS.contains(flag) ? flag + argument.substring(name.length()) : argument;
  }

  /** Returns what stands before an equals sign. */
  private static String flag(String argument) {
    int equals = argument.indexOf('=');
    return equals < 0 ? argument : argument.substring(0, equals);
  }
}
