package dev.countersign.signing;

import dev.countersign.http.HttpSettings;
import java.io.Serializable;
import java.net.URI;
import java.time.Duration;

/**
 * Which timestamp authority is asked.
 *
 * @param url where it is
 * @param http how it is called; the time is that for one timestamp with all attempts
 */
public record TimestampSettings(URI url, HttpSettings http) implements Serializable {

  /**
   * Asks an authority whose TLS certificate is from an authority in the JDK's trust store.
   *
   * @param timeout how long one timestamp may take with all attempts, positive
   */
  public TimestampSettings(URI url, Duration timeout) {
    this(url, new HttpSettings(timeout));
  }
}
