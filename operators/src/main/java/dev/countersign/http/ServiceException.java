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

  ServiceException(String problem, @Nullable Throwable cause) {
    super(problem, cause);
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
}
