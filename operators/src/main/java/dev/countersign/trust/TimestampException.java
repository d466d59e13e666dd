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

  /**
   * A failure.
   *
   * @param problem what does not hold, as a sentence; it names no setting
   */
  public TimestampException(String problem, Remedy remedy) {
    super(problem, remedy, null);
  }
}
