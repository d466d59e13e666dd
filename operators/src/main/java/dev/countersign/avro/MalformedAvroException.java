package dev.countersign.avro;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Bytes break a rule of Avro's formats, or exceed a bound. The message says what is wrong as a
 * clause without a full stop, and quotes nothing from the bytes; the caller names the file and the
 * remedy.
 */
public final class MalformedAvroException extends IOException {

  /** Which kind of rule is broken. */
  public enum Kind {
    /** The file is not an Avro container file. */
    NO_CONTAINER,
    /** The header is too large, or its schema is missing or malformed. */
    HEADER,
    /** The bytes end too early. */
    CUT_OFF,
    /** The bytes do not match their schema, or the format of containers. */
    DAMAGED,
    /** A block or a record exceeds a bound. */
    TOO_LARGE
  }

  private static final long serialVersionUID = 1L;

  private final Kind kind;

  MalformedAvroException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  MalformedAvroException(Kind kind, String message) {
    this(kind, message, null);
  }

  /** Returns which kind of rule is broken. */
  public Kind kind() {
    return kind;
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
