package dev.countersign.policy;

import java.io.Serial;

/**
 * A trust policy cannot be used. The message names the file, the line, the rule where there is one,
 * what is wrong and the remedy, and is meant for the user's eyes as it stands.
 */
public final class PolicyException extends Exception {

  @Serial private static final long serialVersionUID = 1L;

  PolicyException(String message) {
    super(message);
  }
}
