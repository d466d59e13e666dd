package dev.countersign.keys;

import java.util.Locale;

/**
 * Where a key or passphrase comes from and what it is wanted for: the part of a message that all
 * refusals share.
 *
 * @param role what the caller wants of it
 * @param name a path, or another name that the user knows it by
 */
record KeySource(Role role, String name) {

  /** What a file, or a variable of the environment, is wanted for. */
  enum Role {
    PRIVATE_KEY("private key", "--private-key"),
    PUBLIC_KEY("public key", "--public-key"),
    PASSPHRASE_FILE("passphrase file", "--password-file"),
    PASSPHRASE_VARIABLE("passphrase variable", "--password-env");

    private final String noun;
    private final String flag;

    Role(String noun, String flag) {
      this.noun = noun;
      this.flag = flag;
    }

    /** Returns the flag of the command line that names such a source. */
    String flag() {
      return flag;
    }
  }

  /**
   * Returns the exception that refuses this source.
   *
   * @param problem what is wrong, as the rest of a sentence that began with "it"
   * @param remedy what to do, as one or more whole sentences
   */
  KeyFormatException refuse(String problem, String remedy) {
    return new KeyFormatException(
        name, "Cannot use " + shown() + " as a " + role.noun + ": it " + problem + ". " + remedy);
  }

  /** Returns the exception for a PEM block that does not hold what its label says. */
  KeyFormatException damaged(String label) {
    return refuse(
        "has a block " + label + " whose content is no such key",
        "The file is damaged; fetch a fresh copy of it.");
  }

  /** Returns the name with everything escaped that a terminal would obey rather than print. */
  private String shown() {
    StringBuilder text = new StringBuilder(name.length());
    name.codePoints()
        .forEach(
            point -> {
              switch (Character.getType(point)) {
                case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    text.append(String.format(Locale.ROOT, "\\u{%x}", point));
                default -> text.appendCodePoint(point);
              }
            });
    return text.toString();
  }
}
