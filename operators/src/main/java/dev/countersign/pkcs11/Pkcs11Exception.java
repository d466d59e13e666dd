package dev.countersign.pkcs11;

import dev.countersign.remedy.AdvisedException;
import dev.countersign.remedy.Remedy;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.Serial;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A key in a PKCS#11 token cannot be named, reached or used. The message is meant for the user's
 * eyes as it stands and holds no secret.
 */
public final class Pkcs11Exception extends AdvisedException {

  @Serial private static final long serialVersionUID = 1L;

  private final boolean lasting;

  Pkcs11Exception(String problem, Remedy remedy) {
    this(problem, remedy, null);
  }

  Pkcs11Exception(String problem, Remedy remedy, @Nullable Throwable cause) {
    this(problem, remedy, cause, false);
  }

  private Pkcs11Exception(
      String problem, Remedy remedy, @Nullable Throwable cause, boolean lasting) {
    super(problem, remedy, cause);
    this.lasting = lasting;
  }

  /** A failure after which the token cannot be used until a person has acted. */
  static Pkcs11Exception lasting(String problem, Remedy remedy, Throwable cause) {
    return new Pkcs11Exception(problem, remedy, cause, true);
  }

  /**
   * Something hangs.
   *
   * @param what it is, as in {@code token 'release'}
   */
  static Pkcs11Exception silent(String what, Duration bound, Throwable cause) {
    return lasting(
        Message.of("The %s did not answer within %d seconds.", what, bound.toSeconds()),
        Remedy.text(
            "Check its connection and the service behind it, and run the command again. It may have"
                + " to be disconnected or restarted first."),
        cause);
  }

  /** Calls to a module hang, and no more are made. */
  static Pkcs11Exception hanging(String moduleFile, Duration bound) {
    return new Pkcs11Exception(
        Message.of(
            "%d calls to the PKCS#11 module %s hang, so no other was made within %d seconds.",
            ModuleCalls.MAX_CALLS, Printable.of(moduleFile), bound.toSeconds()),
        Remedy.text(
            "Check its tokens and the service behind it, and restart this process, since calls that"
                + " hang cannot be ended."),
        null,
        true);
  }

  /** Returns whether nothing more can be signed until a person has acted. */
  public boolean isLasting() {
    return lasting;
  }

  /** Returns the same failure for another caller. */
  Pkcs11Exception again() {
    return new Pkcs11Exception(problem(), remedy(), this, lasting);
  }
}
