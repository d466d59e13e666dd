package dev.countersign.trust;

import dev.countersign.keys.KeyFormatException;
import java.io.Serial;

/**
 * What the caller gave to rely on cannot be used. The message names the file, the rule and the
 * remedy, and is meant for the user's eyes as it stands.
 */
public final class TrustException extends Exception {

  @Serial private static final long serialVersionUID = 1L;

  TrustException(String message) {
    super(message);
  }

  TrustException(KeyFormatException cause) {
    super(cause.getMessage(), cause);
  }
}
