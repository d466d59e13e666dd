package dev.countersign.oms;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.countersign.text.Message;
import org.jspecify.annotations.Nullable;

/**
 * Input that is not valid OMS, or goes beyond a bound.
 *
 * <p>The message is one or two plain sentences for the user. It names the field or resource and the
 * rule; names out of the input are escaped for terminals.
 */
public final class OmsException extends Exception {

  /** What is wrong, for callers that tell cases apart. */
  public enum Kind {
    /** The input breaks a rule of JSON, of the bundle, of the statement or of the manifest. */
    MALFORMED,
    /** The input goes beyond one of the {@link OmsBounds}, or what is written beyond 2 GiB. */
    TOO_LARGE,
    /** A hash algorithm or serialization method that OMS 1.0 does not know. */
    UNSUPPORTED_ALGORITHM,
    /** A statement or predicate of another type. */
    UNSUPPORTED_PREDICATE,
    /** The subject's digest is not the one of the listed resources. */
    ROOT_DIGEST_MISMATCH,
    /** A name that no resource may bear. */
    NAME,
    /** There are no resources. */
    EMPTY
  }

  private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** Creates an exception whose message is shown to the user as it is. */
  @FormatMethod
  public OmsException(Kind kind, @FormatString String format, @Nullable Object... arguments) {
    super(Message.of(format, arguments));
    this.kind = kind;
  }

  /** Returns what is wrong. */
  public Kind kind() {
    return kind;
  }

  @FormatMethod
  static OmsException malformed(@FormatString String format, @Nullable Object... arguments) {
    return new OmsException(Kind.MALFORMED, format, arguments);
  }

  @FormatMethod
  static OmsException tooLarge(@FormatString String format, @Nullable Object... arguments) {
    return new OmsException(Kind.TOO_LARGE, format, arguments);
  }
}
