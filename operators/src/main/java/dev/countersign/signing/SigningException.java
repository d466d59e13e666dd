package dev.countersign.signing;

import dev.countersign.remedy.AdvisedException;
import dev.countersign.remedy.Remedy;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A signer could not sign. The message is meant for the user's eyes as it stands and holds no
 * secret.
 */
public final class SigningException extends AdvisedException {

  @Serial private static final long serialVersionUID = 1L;

  private final boolean endsRun;

  /** A signer could not sign one model. */
  public SigningException(String problem, Remedy remedy, @Nullable Throwable cause) {
    this(problem, remedy, cause, false);
  }

  /**
   * A signer could not sign.
   *
   * @param endsRun whether it can sign no other model either, until a person has acted
   */
  public SigningException(
      String problem, Remedy remedy, @Nullable Throwable cause, boolean endsRun) {
    super(problem, remedy, cause);
    this.endsRun = endsRun;
  }

  /** Returns whether the run ends, since no other model can be signed either. */
  public boolean endsRun() {
    return endsRun;
  }
}
