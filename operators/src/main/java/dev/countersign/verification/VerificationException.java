package dev.countersign.verification;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.countersign.oms.SignatureMethod;
import dev.countersign.remedy.AdvisedException;
import dev.countersign.remedy.Remedy;
import dev.countersign.text.Message;
import java.io.Serial;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A well-formed bundle is not signed by whom the caller trusts. The message names the rule and the
 * remedy, and is meant for the user's eyes as it stands; the caller adds which bundle it was.
 */
public final class VerificationException extends AdvisedException {

  @Serial private static final long serialVersionUID = 1L;

  private final Kind kind;
  private final transient @Nullable CertifiedSigner claimed;

  /** Why a bundle is not to be relied on. */
  public enum Kind {
    /** The bundle names a signer, and that signer did not sign this payload. */
    BAD_SIGNATURE,
    /** No trusted signer signed the bundle, and it does not claim one. */
    UNTRUSTED_SIGNER,
    /** The bundle was signed by another method than the one that the caller verifies with. */
    METHOD_MISMATCH,
    /** The key of the signer's certificate is none that OMS knows. */
    UNSUPPORTED_KEY,
    /** A certificate of the signer's chain is not valid any more. */
    EXPIRED_CERTIFICATE,
    /** A certificate of the signer's chain is not valid yet. */
    CERTIFICATE_NOT_YET_VALID,
    /** A certificate of the signer's chain was revoked. */
    REVOKED_CERTIFICATE,
    /** A revocation list of the caller's cannot be checked or is out of date. */
    REVOCATION_UNKNOWN,
    /** A certificate of the signer's chain must not be used for this. */
    UNSUITABLE_CERTIFICATE,
    /** The validity of certificates hangs on a timestamp, and the bundle's do not hold. */
    BAD_TIMESTAMP,
    /** A transparency log did not record the signature or the certificate, or does not prove it. */
    BAD_LOG_ENTRY,
    /** The bundle was signed with Sigstore, and no trusted root of an instance was read. */
    TRUST_UNAVAILABLE,
    /** No rule of the trust policy is for the model. */
    NO_POLICY_RULE,
    /** The rule for the model denies it, the signer, or the way in which it was hashed. */
    DENIED_BY_POLICY
  }

  /** A failure whose message names no setting. */
  @FormatMethod
  VerificationException(Kind kind, @FormatString String message, Object... arguments) {
    this(kind, (CertifiedSigner) null, message, arguments);
  }

  /** A failure of a signer's whose message names no setting. */
  @FormatMethod
  VerificationException(
      Kind kind,
      @Nullable CertifiedSigner claimed,
      @FormatString String message,
      Object... arguments) {
    this(kind, Message.of(message, arguments), Remedy.NONE, claimed);
  }

  /**
   * A failure.
   *
   * @param problem what does not hold, as a sentence; it names no setting
   * @param claimed whose certificate the bundle has; null if it has none
   */
  public VerificationException(
      Kind kind, String problem, Remedy remedy, @Nullable CertifiedSigner claimed) {
    super(problem, remedy, null);
    this.kind = kind;
    this.claimed = claimed;
  }

  /**
   * Returns the failure of a bundle that was signed by another method than the one that it is
   * verified with.
   *
   * @param verifiedWith what the caller verifies with, such as {@code a bare key}
   */
  static VerificationException ofMethod(SignatureMethod signedWith, String verifiedWith) {
    String signed =
        switch (signedWith) {
          case KEY -> "a bare key";
          case CERTIFICATE -> "a certificate";
          case SIGSTORE -> "Sigstore";
        };
    return new VerificationException(
        Kind.METHOD_MISMATCH,
        "The bundle was signed with %s, and %s cannot verify it. Verify it with the method that it"
            + " was signed with, or have the model signed with %s.",
        signed,
        verifiedWith,
        verifiedWith);
  }

  /** Returns why the bundle is not to be relied on. */
  public Kind kind() {
    return kind;
  }

  /** Returns whose certificate the bundle has, which proves nothing; empty if it has none. */
  public Optional<CertifiedSigner> claimed() {
    return Optional.ofNullable(claimed);
  }
}
