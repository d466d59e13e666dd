package dev.countersign.outcome;

import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.Verdict;
import dev.countersign.text.Printable;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Failure of one model: a typed reason and a message for people. */
public final class ModelFailure extends Exception {

  private static final long serialVersionUID = 1L;

  /** More of a message is cut, in characters: it travels by RPC, and stores may say a lot. */
  private static final int MAX_MESSAGE = 8_192;

  private final FailureReason reason;
  private final boolean mayPass;

  /** A failure with its reason and message that trying again does not change. */
  public ModelFailure(FailureReason reason, String message) {
    this(reason, message, false);
  }

  /**
   * A failure with its reason and message.
   *
   * @param mayPass whether trying again may succeed, as after a fault of a network
   */
  public ModelFailure(FailureReason reason, String message, boolean mayPass) {
    super(bounded(message), null, false, false);
    this.reason = reason;
    this.mayPass = mayPass;
  }

  private static String bounded(String message) {
    return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "...";
  }

  /** The typed reason. */
  public FailureReason reason() {
    return reason;
  }

  /** Tells whether the same may go well later, as after a fault of a network. */
  public boolean mayPass() {
    return mayPass;
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
            reason, String.format(Locale.ROOT, "%s Tried %d times.", getMessage(), times), false);
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
    return new ModelFailure(
        FailureReason.STALLED,
        String.format(
            Locale.ROOT,
            "A read in %s brought no byte for %d s: check the storage, or raise --stall-timeout.",
            Printable.of(model),
            silence.toSeconds()),
        true);
  }

  /** A listing, or a look at a bundle, that brings nothing; the store may answer later. */
  public static ModelFailure stalledPlanning(String model, Duration silence) {
    return new ModelFailure(
        FailureReason.STALLED,
        String.format(
            Locale.ROOT,
            "Listing %s or reading its bundle brought nothing for %d s: check the storage, or raise"
                + " --stall-timeout.",
            Printable.of(model),
            silence.toSeconds()),
        true);
  }

  /** A bundle that is not the one any more that was verified. */
  public static ModelFailure bundleChanged(String bundle) {
    return new ModelFailure(
        FailureReason.CHANGED_WHILE_READ,
        String.format(
            Locale.ROOT,
            "%s is not the bundle any more that was verified, so it is not replaced: run it again"
                + " for this model.",
            Printable.of(bundle)));
  }

  /** What {@code --no-overwrite} makes of a bundle that is there. */
  public static ModelFailure bundleExists(String bundle) {
    return new ModelFailure(
        FailureReason.BUNDLE_EXISTS,
        String.format(
            Locale.ROOT,
            "%s is there already and --no-overwrite forbids replacing it: remove it, name another"
                + " place with --signature, or leave the option out.",
            Printable.of(bundle)));
  }

  /** A link to a model of the run, where a policy treats both differently. */
  public static ModelFailure linkUnderAnotherRule(String link, String target, String rule) {
    return new ModelFailure(
        FailureReason.DENIED_BY_POLICY,
        String.format(
            Locale.ROOT,
            "%s is a link to %s, for which the policy has another rule than '%s', so it is not"
                + " skipped. Name it in a run of its own, or let one rule match both.",
            Printable.of(link),
            Printable.of(target),
            Printable.of(rule)));
  }

  /**
   * A model that holds Git LFS pointers, which nobody means to sign.
   *
   * @param files the pointers that were found, at least one
   */
  public static ModelFailure lfsPointers(String model, List<String> files, Operation operation) {
    return new ModelFailure(
        FailureReason.LFS_POINTER,
        String.format(
            Locale.ROOT,
            "%s in %s is a Git LFS pointer, not the file that it stands for%s. Fetch the files with"
                + " git lfs pull, %sor sign pointers as they are with --allow-lfs-pointers.",
            Printable.of(files.get(0)),
            Printable.of(model),
            files.size() == 1 ? "" : " (and " + (files.size() - 1) + " more)",
            operation == Operation.RESIGN ? "" : "leave them out with --ignore-paths, "));
  }

  /** A model, or its bundle, of which this process cannot hold what it has to. */
  public static ModelFailure outOfMemory(String model) {
    return new ModelFailure(
        FailureReason.LIMIT_EXCEEDED,
        String.format(
            Locale.ROOT,
            "%s and its bundle need more memory than the %d MiB that this process may use: give it"
                + " more (-Xmx in COUNTERSIGN_JAVA_OPTS), or lower --max-bundle-size and"
                + " --max-files so that such models are refused sooner.",
            Printable.of(model),
            Runtime.getRuntime().maxMemory() >> 20));
  }

  /** A model that ended its worker, the last time while nothing else ran. */
  public static ModelFailure crashedWorker(String model, int crashes) {
    return new ModelFailure(
        FailureReason.CRASHED_WORKER,
        String.format(
            Locale.ROOT,
            "Reading %s ended the worker process %d times, the last time with nothing else running."
                + " See the worker's log, and check the storage and the file.",
            Printable.of(model),
            crashes));
  }

  /** A model that a restarted run found changed. */
  public static ModelFailure changedMeanwhile(String model) {
    return new ModelFailure(
        FailureReason.CHANGED_WHILE_READ,
        String.format(
            Locale.ROOT,
            "%s or its bundle changed while the run was interrupted: run it again for this model.",
            Printable.of(model)));
  }
}
