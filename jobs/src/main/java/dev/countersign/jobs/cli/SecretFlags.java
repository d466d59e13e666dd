package dev.countersign.jobs.cli;

import dev.countersign.options.UsageException;
import java.util.Locale;
import java.util.Map;

/**
 * Refuses flags of other clients that carry a secret: what stands on a command line is seen by
 * every user of the machine and kept in histories. The secret itself is never repeated.
 */
final class SecretFlags {

  private static final String END_OF_OPTIONS = "--";

  /** Flag to what to do instead. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "--password",
          "Put the passphrase into a file and give --password-file FILE, or into an environment"
              + " variable and give --password-env NAME.",
          "--identity-token",
          "Secrets are named by their place here, as --password-file FILE and --password-env NAME"
              + " do; the method sigstore, which takes tokens, is not in this version.",
          "--client-secret",
          "Secrets are named by their place here, as --password-file FILE and --password-env NAME"
              + " do; the method sigstore, which takes client secrets, is not in this version.");

  private SecretFlags() {}

  /**
   * Looks through all arguments, wherever they stand.
   *
   * @throws UsageException if one of them would carry a secret
   */
  static void refuse(String[] arguments) {
    for (String argument : arguments) {
      if (argument.equals(END_OF_OPTIONS)) {
        return;
      }
      int equals = argument.indexOf('=');
      String flag = (equals < 0 ? argument : argument.substring(0, equals)).replace('_', '-');
      String instead = REFUSED.get(flag);
      if (instead != null) {
        throw new UsageException(
            String.format(
                Locale.ROOT,
                "%s would put a secret on the command line, where others see it. %s",
                flag,
                instead));
      }
      if (argument.toLowerCase(Locale.ROOT).contains("pin-value=")) {
        throw new UsageException(
            "A URI with pin-value= would put a PIN on the command line, where others see it. Name"
                + " the file that holds it instead: pin-source=file:/path (RFC 7512), as"
                + " --password-file FILE does for a passphrase.");
      }
    }
  }
}
