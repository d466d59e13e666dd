package dev.countersign.verification;

import java.io.Serial;

/**
 * A well-formed bundle is not signed by whom the caller trusts. The message names the rule and the
 * remedy, and is meant for the user's eyes as it stands; the caller adds which bundle it was.
 */
public final class VerificationException extends Exception {

  @Serial private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** Why a bundle is not to be relied on. */
  public enum Kind {
    /** The bundle names a trusted signer, and that signer did not sign this payload. */
    BAD_SIGNATURE,
    /** No trusted signer signed the bundle, and it does not claim one. */
    UNTRUSTED_SIGNER,
    /** The bundle was signed by another method than the one that the caller verifies with. */
    METHOD_MISMATCH
  }

  VerificationException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** Returns why the bundle is not to be relied on. */
  public Kind kind() {
    return kind;
  }
}
