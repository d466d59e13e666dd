package dev.countersign.jobs.state;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.countersign.text.Message;
import org.jspecify.annotations.Nullable;

/**
 * A state folder cannot be used. The message is for the user: what is wrong with which folder, and
 * what to do.
 */
public final class StateException extends Exception {

  private static final long serialVersionUID = 1L;

  @FormatMethod
  StateException(@FormatString String format, Object... arguments) {
    this(null, format, arguments);
  }

  /** Makes an exception with a cause, which may be null. */
  @FormatMethod
  StateException(@Nullable Throwable cause, @FormatString String format, Object... arguments) {
    super(Message.of(format, arguments), cause);
  }
}
