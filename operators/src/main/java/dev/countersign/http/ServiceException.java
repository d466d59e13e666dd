package dev.countersign.http;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A service could not be called. The message is the rest of a sentence that begins with "it" and
 * names the service, without a full stop.
 */
public final class ServiceException extends Exception {

  @Serial private static final long serialVersionUID = 1L;

  private final boolean interrupted;
  private final boolean postponed;

  ServiceException(String problem, @Nullable Throwable cause) {
    this(problem, cause, false);
  }

  ServiceException(String problem, @Nullable Throwable cause, boolean postponed) {
    super(problem, cause);
    this.postponed = postponed;
    this.interrupted = cause instanceof InterruptedException;
  }

  /** Returns what was wrong. */
  public String problem() {
    return String.valueOf(getMessage());
  }

  /** Returns whether the wait was interrupted, whatever the service does. */
  public boolean isInterrupted() {
    return interrupted;
  }

  /** Returns whether the service wants no calls for longer than one may wait. */
  public boolean isPostponed() {
    return postponed;
  }
}
