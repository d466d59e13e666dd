package dev.countersign.remedy;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A failure that carries its remedy. Its message is the problem with the remedy after it, worded
 * for the program's users.
 */
public abstract class AdvisedException extends Exception {

  @Serial private static final long serialVersionUID = 1L;

  private final String problem;
  private final Remedy remedy;

  /**
   * A failure.
   *
   * @param problem what failed, as a sentence; it names no setting
   */
  protected AdvisedException(String problem, Remedy remedy, @Nullable Throwable cause) {
    this(problem, remedy, cause, true);
  }

  /** A failure, with a stack trace or without. */
  protected AdvisedException(
      String problem, Remedy remedy, @Nullable Throwable cause, boolean stackTrace) {
    super(problem, cause, stackTrace, stackTrace);
    this.problem = problem;
    this.remedy = remedy;
  }

  /** Returns what failed. */
  public String problem() {
    return problem;
  }

  /** Returns what to do about it. */
  public Remedy remedy() {
    return remedy;
  }

  /** Returns the problem and the remedy for readers of that wording. */
  public String message(Wording wording) {
    String advice = remedy.in(wording);
    return problem.isEmpty() || advice.isEmpty() ? problem + advice : problem + " " + advice;
  }

  @Override
  public String getMessage() {
    return message(Setting::toString);
  }
}
