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

  SigningException(String problem, Remedy remedy, @Nullable Throwable cause) {
    super(problem, remedy, cause);
  }
}
