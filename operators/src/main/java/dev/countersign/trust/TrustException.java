package dev.countersign.trust;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.remedy.AdvisedException;
import dev.countersign.remedy.Remedy;
import java.io.Serial;

/**
 * What the caller gave to rely on cannot be used. The message names the file, the rule and the
 * remedy, and is meant for the user's eyes as it stands.
 */
public final class TrustException extends AdvisedException {

  @Serial private static final long serialVersionUID = 1L;

  /**
   * A failure.
   *
   * @param problem what cannot be used and why, as a sentence; it names no setting
   */
  public TrustException(String problem, Remedy remedy) {
    super(problem, remedy, null);
  }

  TrustException(KeyFormatException cause) {
    super(cause.problem(), cause.remedy(), cause);
  }
}
