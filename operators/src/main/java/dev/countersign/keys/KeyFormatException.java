package dev.countersign.keys;

import dev.countersign.remedy.AdvisedException;
import dev.countersign.remedy.Remedy;
import java.io.Serial;

/**
 * A key, a certificate, or the passphrase that opens one, cannot be used. The message names the
 * file, the rule and the remedy, holds no secret, and is meant for the user's eyes as it stands.
 */
public final class KeyFormatException extends AdvisedException {

  @Serial private static final long serialVersionUID = 1L;

  private final String source;

  KeyFormatException(String source, String problem, Remedy remedy) {
    super(problem, remedy, null);
    this.source = source;
  }

  /** Returns what was read: a path, or the name that the caller gave to the text. */
  public String source() {
    return source;
  }
}
