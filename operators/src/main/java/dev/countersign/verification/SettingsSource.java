package dev.countersign.verification;

import java.io.IOException;
import java.io.Serializable;

/** Files that settings are read from, which may change while a watch runs. Shipped in the job. */
public interface SettingsSource extends Serializable {

  /**
   * Reads the settings again.
   *
   * @throws IOException if they cannot be read or used. The message is meant for the user's eyes
   */
  VerificationSettings read() throws IOException;
}
