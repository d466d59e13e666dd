package dev.countersign.verification;

import java.io.Serializable;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * When a signer's certificates must be valid. Anything but {@link #NOW} weakens the check: whoever
 * got hold of the key of a certificate that has expired can still sign.
 *
 * @param kind which time
 * @param instant the time under {@link Kind#AT}; otherwise the epoch
 */
public record CertificateTime(Kind kind, Instant instant) implements Serializable {

  /** Which time. */
  public enum Kind {
    /** The present, or a time at which a trusted timestamp says that the signature existed. */
    NOW,
    /** The begin of the validity of the signer's own certificate, as other clients have it. */
    NOT_BEFORE,
    /** A time that the caller names. */
    AT
  }

  /** The present: the strict choice. */
  public static final CertificateTime NOW = new CertificateTime(Kind.NOW, Instant.EPOCH);

  /** The begin of the validity of the signer's certificate. */
  public static final CertificateTime NOT_BEFORE =
      new CertificateTime(Kind.NOT_BEFORE, Instant.EPOCH);

  /**
   * Returns the time that a text means: {@code now}, {@code not-before}, or a date and time with
   * its offset from UTC (RFC 3339, section 5.6). Empty if it is none of these.
   */
  public static Optional<CertificateTime> parse(String text) {
    return switch (text) {
      case "now" -> Optional.of(NOW);
      case "not-before" -> Optional.of(NOT_BEFORE);
      default -> {
        try {
          yield Optional.of(new CertificateTime(Kind.AT, OffsetDateTime.parse(text).toInstant()));
        } catch (DateTimeException e) {
          yield Optional.empty();
        }
      }
    };
  }

  /** Returns the text that {@link #parse} takes. */
  public String text() {
    return switch (kind) {
      case NOW -> "now";
      case NOT_BEFORE -> "not-before";
      case AT -> instant.toString();
    };
  }
}
