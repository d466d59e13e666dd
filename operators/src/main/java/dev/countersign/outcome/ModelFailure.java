package dev.countersign.outcome;

import dev.countersign.remedy.AdvisedException;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.remedy.Wording;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.Verdict;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.time.Duration;
import java.util.List;

/** Failure of one model: a typed reason and a message for people. */
public final class ModelFailure extends AdvisedException {

  private static final long serialVersionUID = 1L;

  /** More of a message is cut, in characters: it travels by RPC, and stores may say a lot. */
  private static final int MAX_MESSAGE = 8_192;

  private static final Remedy CHECK_STORAGE =
      Remedy.of("check the storage, or raise %s.", Setting.STALL_TIMEOUT);

  private final FailureReason reason;
  private final boolean isTransient;

  /** A failure with its reason and message that trying again does not change. */
  public ModelFailure(FailureReason reason, String message) {
    this(reason, message, false);
  }

  /**
   * A failure with its reason and message.
   *
   * @param isTransient whether trying again may succeed, as after a fault of a network
   */
  public ModelFailure(FailureReason reason, String message, boolean isTransient) {
    this(reason, message, Remedy.NONE, isTransient);
  }

  /** A failure with its remedy that trying again does not change. */
  public ModelFailure(FailureReason reason, String problem, Remedy remedy) {
    this(reason, problem, remedy, false);
  }

  /** A failure with its remedy. */
  public ModelFailure(FailureReason reason, String problem, Remedy remedy, boolean isTransient) {
    super(problem, remedy, null, false);
    this.reason = reason;
    this.isTransient = isTransient;
  }

  @Override
  public String message(Wording wording) {
    String message = super.message(wording);
    return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "...";
  }

  /** The typed reason. */
  public FailureReason reason() {
    return reason;
  }

  /** Tells whether the same may go well later, as after a fault of a network. */
  public boolean isTransient() {
    return isTransient;
  }

  /**
   * This failure, or one that says how often it came if that was more than once.
   *
   * @param times how often it was tried in all
   */
  public ModelFailure afterTries(int times) {
    return times < 2
        ? this
        : new ModelFailure(
            reason, problem(), remedy().then(Remedy.of("Tried %s times.", times)), false);
  }

  /** The result of the model, as a verdict. */
  public Verdict verdict() {
    return Verdict.newBuilder()
        .setOutcome(Outcome.FAILED)
        .setReason(reason)
        .setMessage(String.valueOf(getMessage()))
        .build();
  }

  /** A read that brought no byte; the store may answer later. */
  public static ModelFailure stalled(String model, Duration silence) {
    return notProgressing(
        Message.of(
            "A read in %s brought no byte for %d s:", Printable.of(model), silence.toSeconds()));
  }

  /** A listing, or a look at a bundle, that brings nothing; the store may answer later. */
  public static ModelFailure stalledPlanning(String model, Duration silence) {
    return notProgressing(
        Message.of(
            "Listing %s or reading its bundle brought nothing for %d s:",
            Printable.of(model), silence.toSeconds()));
  }

  /** A last listing, or a write of a bundle, that does not get on; nothing was written. */
  public static ModelFailure stalledDecision(String model, Duration silence) {
    return notProgressing(
        Message.of(
            "Listing %s again or writing its bundle brought nothing for %d s:",
            Printable.of(model), silence.toSeconds()));
  }

  /** What does not get on, and may later. */
  private static ModelFailure notProgressing(String message) {
    return new ModelFailure(FailureReason.STALLED, message, CHECK_STORAGE, true);
  }

  /** A bundle that is written but for its name, which it may still get. */
  public static ModelFailure stalledRename(String bundle, Duration silence) {
    return new ModelFailure(
        FailureReason.STALLED,
        Message.of(
            "Renaming the new bundle to %s has taken longer than %d s. It may still appear, or be"
                + " there.",
            Printable.of(bundle), silence.toSeconds()),
        Remedy.text("Check the storage, and run it again for this model."));
  }

  /** A bundle whose name an earlier write of this process is still about to take. */
  public static ModelFailure hangingRename(String bundle) {
    return new ModelFailure(
        FailureReason.STALLED,
        Message.of(
            "An earlier bundle may still appear at %s, since its renaming has not ended.",
            Printable.of(bundle)),
        Remedy.text("Check the storage, and run it again for this model."));
  }

  /** A write that was given up while it hung; nobody waits for what becomes of it. */
  public static ModelFailure withdrawnWrite() {
    return new ModelFailure(FailureReason.STALLED, "The write was given up.");
  }

  /** A bundle that is not the one any more that was verified. */
  public static ModelFailure bundleChanged(String bundle) {
    return new ModelFailure(
        FailureReason.CHANGED_WHILE_READ,
        Message.of(
            "%s is no longer the bundle that was verified, so it is not replaced: run again for"
                + " this model.",
            Printable.of(bundle)));
  }

  /** A bundle that is there and must not be replaced. */
  public static ModelFailure bundleExists(String bundle) {
    return new ModelFailure(
        FailureReason.BUNDLE_EXISTS,
        Printable.of(bundle) + " already exists",
        Remedy.of(
            "and %s forbids replacing it: remove it, name another place with %s, or leave the"
                + " option out.",
            Setting.NO_OVERWRITE, Setting.SIGNATURE));
  }

  /** A link to a model of the run, where a policy treats both differently. */
  public static ModelFailure linkUnderAnotherRule(String link, String target, String rule) {
    return new ModelFailure(
        FailureReason.DENIED_BY_POLICY,
        Message.of(
            "%s is a link to %s, for which the policy has another rule than '%s', so it is not"
                + " skipped. Name it in a run of its own, or let one rule match both.",
            Printable.of(link), Printable.of(target), Printable.of(rule)));
  }

  /**
   * A model that holds Git LFS pointers, which nobody means to sign.
   *
   * @param files the pointers that were found, at least one
   */
  public static ModelFailure lfsPointers(String model, List<String> files, Operation operation) {
    return new ModelFailure(
        FailureReason.LFS_POINTER,
        Message.of(
            "%s in %s is a Git LFS pointer, not the file that it stands for%s.",
            Printable.of(files.get(0)),
            Printable.of(model),
            files.size() == 1 ? "" : " (and " + (files.size() - 1) + " more)"),
        Remedy.of(
            "Fetch the files with git lfs pull, %sor sign pointers as they are with %s.",
            operation == Operation.RESIGN
                ? Remedy.NONE
                : Remedy.of("leave them out with %s, ", Setting.IGNORE_PATHS),
            Setting.ALLOW_LFS_POINTERS));
  }

  /** A model, or its bundle, of which this process cannot hold what it has to. */
  public static ModelFailure outOfMemory(String model) {
    return new ModelFailure(
        FailureReason.LIMIT_EXCEEDED,
        Message.of(
            "%s and its bundle need more memory than the %d MiB that this process may use:",
            Printable.of(model), Runtime.getRuntime().maxMemory() >> 20),
        Remedy.of(
            "give it more (-Xmx in COUNTERSIGN_JAVA_OPTS), or lower %s and %s so that such models"
                + " are refused sooner.",
            Setting.MAX_BUNDLE_SIZE, Setting.MAX_FILES));
  }

  /** A model that ended its worker, the last time while nothing else ran. */
  public static ModelFailure crashedWorker(String model, int crashes) {
    return new ModelFailure(
        FailureReason.CRASHED_WORKER,
        Message.of(
            "Reading %s ended the worker process %d times, the last time with nothing else running."
                + " See the worker's log, and check the storage and the file.",
            Printable.of(model), crashes));
  }

  /** A model whose planning ended the process that plans, the last time while nothing else ran. */
  public static ModelFailure crashedPlanning(String model, int crashes) {
    return new ModelFailure(
        FailureReason.CRASHED_WORKER,
        Message.of(
            "Listing %s or checking its bundle ended the process %d times, the last time with"
                + " nothing else running. See the log of that process (the job manager), and check"
                + " the storage and the model.",
            Printable.of(model), crashes));
  }

  /** A model that a restarted run found changed. */
  public static ModelFailure changedMeanwhile(String model) {
    return new ModelFailure(
        FailureReason.CHANGED_WHILE_READ,
        Message.of(
            "%s or its bundle changed while the run was interrupted: run it again for this model.",
            Printable.of(model)));
  }
}
