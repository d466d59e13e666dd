package dev.countersign.jobs.execution;

/** A run broke: not a model of it, but the run itself. The cause says why. */
public final class RunFailedException extends Exception {

  private static final long serialVersionUID = 1L;

  /** Makes an exception. */
  public RunFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
