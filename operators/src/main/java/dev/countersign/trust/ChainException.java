package dev.countersign.trust;

import dev.countersign.remedy.AdvisedException;
import dev.countersign.remedy.Remedy;
import java.io.Serial;

/**
 * No chain that keeps all rules leads from a certificate to a trust anchor. The message names the
 * certificate, the rule and the remedy, and is meant for the user's eyes as it stands.
 */
public final class ChainException extends AdvisedException {

  @Serial private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** What stands between a certificate and trust in it. */
  public enum Kind {
    /** No certificate that the caller trusts vouches for it, directly or through others. */
    UNTRUSTED,
    /** A certificate of the chain, or the anchor, had expired at the time that counts. */
    EXPIRED,
    /** A certificate of the chain, or the anchor, was not valid yet at the time that counts. */
    NOT_YET_VALID,
    /** A revocation list that the caller gave names a certificate of the chain. */
    REVOKED,
    /** A revocation list that the caller gave cannot be checked or is out of date. */
    REVOCATION_UNKNOWN,
    /** A certificate of the chain may not be used so, or relies on an algorithm that is broken. */
    UNSUITABLE
  }

  ChainException(Kind kind, String problem, Remedy remedy) {
    super(problem, remedy, null);
    this.kind = kind;
  }

  /** Returns what stands between the certificate and trust in it. */
  public Kind kind() {
    return kind;
  }
}
