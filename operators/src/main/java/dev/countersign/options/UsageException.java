package dev.countersign.options;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.countersign.text.Message;
import org.jspecify.annotations.Nullable;

/**
 * What the user asked for cannot be done as it was asked; nothing has been started. The message
 * names the option and the remedy and is shown as it stands, so whatever it quotes is escaped
 * already. The process ends with exit code 2.
 */
public final class UsageException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Makes an exception without a cause. */
  public UsageException(String message) {
    this(message, null);
  }

  /** Makes an exception without a cause, whose message is formatted as in {@link String#format}. */
  @FormatMethod
  public static UsageException of(@FormatString String format, Object... arguments) {
    return new UsageException(Message.of(format, arguments));
  }

  /** As {@link #of(String, Object...)}; {@code cause} is null if there is none. */
  @FormatMethod
  public static UsageException of(
      @Nullable Throwable cause, @FormatString String format, @Nullable Object... arguments) {
    return new UsageException(Message.of(format, arguments), cause);
  }

  /** Makes an exception; {@code cause} is null if there is none. */
  public UsageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
