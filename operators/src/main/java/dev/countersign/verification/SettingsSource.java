package dev.countersign.verification;

import java.io.IOException;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** Files that settings are read from, which may change while a watch runs. Shipped in the job. */
public interface SettingsSource extends Serializable {

  /**
   * Reads the settings again.
   *
   * @throws IOException if they cannot be read or used. The message is meant for the user's eyes
   */
  VerificationSettings read() throws IOException;

  /**
   * Reads the settings again. A part that cannot be read or used stays as it was read last, or is
   * left out if that accepts less, so that changes of the other parts hold.
   *
   * @param last what was read last; null if nothing was
   * @throws IOException if they cannot be read or used as a whole
   */
  default Reading readAgain(@Nullable VerificationSettings last) throws IOException {
    return new Reading(read(), "");
  }

  /**
   * Settings as they are now.
   *
   * @param fault why a part is as it was read last, or left out, for the user's eyes; empty if none
   *     is
   */
  record Reading(VerificationSettings settings, String fault) {}
}
