package dev.countersign.pkcs11;

import dev.countersign.remedy.AdvisedException;
import dev.countersign.remedy.Remedy;
import java.io.Serial;
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

  /** Returns whether nothing more can be signed until a person has acted. */
  public boolean isLasting() {
    return lasting;
  }

  /** Returns the same failure for another caller. */
  Pkcs11Exception again() {
    return new Pkcs11Exception(problem(), remedy(), this, lasting);
  }
}
