package dev.countersign.trust;

import dev.countersign.remedy.AdvisedException;
import dev.countersign.remedy.Remedy;
import java.io.Serial;

/**
 * A timestamp is not one to rely on. The message names the rule and the remedy, and is meant for
 * the user's eyes as it stands.
 */
public final class TimestampException extends AdvisedException {

  @Serial private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** Why a timestamp is not to be relied on. */
  public enum Kind {
    /** It is no timestamp response, or over a bound. */
    MALFORMED,
    /** The authority refused to give a timestamp. */
    REFUSED,
    /** It was given for another signature. */
    OTHER_SIGNATURE,
    /** It is not signed by the authority that it names, or with an algorithm that is broken. */
    BAD_SIGNATURE,
    /** The authority's certificate does not chain to one that the caller trusts. */
    UNTRUSTED_AUTHORITY
  }

  TimestampException(Kind kind, String problem, Remedy remedy) {
    super(problem, remedy, null);
    this.kind = kind;
  }

  /** Returns why the timestamp is not to be relied on. */
  public Kind kind() {
    return kind;
  }
}
