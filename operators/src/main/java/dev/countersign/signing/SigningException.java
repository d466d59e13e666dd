package dev.countersign.signing;

import java.io.Serial;

/**
 * A signer could not sign. The message is meant for the user's eyes as it stands and holds no
 * secret.
 */
public final class SigningException extends Exception {

  @Serial private static final long serialVersionUID = 1L;

  SigningException(String message) {
    super(message);
  }

  SigningException(String message, Throwable cause) {
    super(message, cause);
  }
}
