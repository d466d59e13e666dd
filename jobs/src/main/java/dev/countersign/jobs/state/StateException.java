package dev.countersign.jobs.state;

/**
 * A state folder cannot be used. The message is for the user: what is wrong with which folder, and
 * what to do.
 */
public final class StateException extends Exception {

  private static final long serialVersionUID = 1L;

  StateException(String message) {
    super(message);
  }

  StateException(String message, Throwable cause) {
    super(message, cause);
  }
}
