package dev.countersign.jobs.terminal;

/** What the process says when it ends. */
public final class ExitCode {

  /** All is well. */
  public static final int OK = 0;

  /** At least one model failed. */
  public static final int MODEL_FAILED = 1;

  /** Wrong usage or configuration; nothing was started. */
  public static final int USAGE = 2;

  /** The run itself broke, or standard output could not be written. */
  public static final int BROKEN = 3;

  /** Stopped by the user. */
  public static final int INTERRUPTED = Interruption.EXIT_CODE;

  private ExitCode() {}
}
