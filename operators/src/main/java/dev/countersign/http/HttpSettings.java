package dev.countersign.http;

import java.io.Serializable;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * Settings for calls to services.
 *
 * @param authorities certificates, in DER, of authorities whose TLS certificates are accepted, in
 *     addition to those in the trust store of the JDK
 * @param timeout how long one call may take with all attempts, positive
 */
public record HttpSettings(List<byte[]> authorities, Duration timeout) implements Serializable {

  /**
   * Copies the list, though not the arrays.
   *
   * @throws IllegalArgumentException if there is no time to wait
   */
  public HttpSettings {
    authorities = List.copyOf(authorities);
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("No time to wait for a service: " + timeout);
    }
  }

  /** Calls that trust the authorities in the JDK's trust store. */
  public HttpSettings(Duration timeout) {
    this(List.of(), timeout);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HttpSettings that
        && timeout.equals(that.timeout)
        && Arrays.deepEquals(authorities.toArray(), that.authorities.toArray());
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.deepHashCode(authorities.toArray()) + timeout.hashCode();
  }
}
