package dev.countersign.options;

/** A command that takes options. */
public enum Command {
  /** Sign models with a private key. */
  SIGN_KEY("sign key"),
  /** Verify models with public keys. */
  VERIFY_KEY("verify key"),
  /** Compute the root digests of models. */
  DIGEST("digest"),
  /** Make a key pair. */
  GENERATE_KEY_PAIR("generate-key-pair");

  private final String words;

  Command(String words) {
    this.words = words;
  }

  /** Returns the command as it is typed, such as {@code sign key}. */
  public String words() {
    return words;
  }
}
