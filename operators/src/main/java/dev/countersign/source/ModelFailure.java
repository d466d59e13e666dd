package dev.countersign.source;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Printable;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.Verdict;
import dev.countersign.signing.SigningException;
import dev.countersign.storage.StorageException;
import dev.countersign.verification.VerificationException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Why one model fails: a typed reason and a sentence for people. The boundary where the library's
 * exceptions turn into results.
 */
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

  private ModelFailure(FailureReason reason, String message, boolean mayPass) {
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

  /**
   * The failure that an exception of the library stands for.
   *
   * @param fault an exception of the library; anything else is a fault of the program
   */
  public static ModelFailure of(Exception fault) {
    String message = String.valueOf(fault.getMessage());
    if (fault instanceof ModelFailure failure) {
      return failure;
    } else if (fault instanceof StorageException storage) {
      return new ModelFailure(reasonOf(storage), message, storage.transientFault());
    } else if (fault instanceof OmsException oms) {
      return new ModelFailure(reasonOf(oms), message);
    } else if (fault instanceof VerificationException verification) {
      return new ModelFailure(reasonOf(verification), message);
    } else if (fault instanceof SigningException || fault instanceof KeyFormatException) {
      return new ModelFailure(FailureReason.SIGNING_FAILED, message);
    }
    return new ModelFailure(
        FailureReason.INTERNAL_ERROR,
        String.format(
            Locale.ROOT,
            "A fault of the program: %s. Please report it with the log of --verbose.",
            Printable.of(String.valueOf(fault))));
  }

  /**
   * The failure that anything thrown while working on a model stands for. An {@link Error} is one,
   * too: memory that a model asks for, a stack that it exhausts, or a connector's class that is not
   * there spoil one model, and the others go on.
   *
   * @param model its URI
   */
  public static ModelFailure of(String model, Throwable fault) {
    if (fault instanceof OutOfMemoryError) {
      return outOfMemory(model);
    }
    return of(fault instanceof Exception exception ? exception : new RuntimeException(fault));
  }

  /** A read that brought no byte; the store may answer later. */
  static ModelFailure stalled(String model, Duration silence) {
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
  static ModelFailure stalledPlanning(String model, Duration silence) {
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
  static ModelFailure lfsPointers(String model, List<String> files, Operation operation) {
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
  static ModelFailure crashedWorker(String model, int crashes) {
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
  static ModelFailure changedMeanwhile(String model) {
    return new ModelFailure(
        FailureReason.CHANGED_WHILE_READ,
        String.format(
            Locale.ROOT,
            "%s or its bundle changed while the run was interrupted: run it again for this model.",
            Printable.of(model)));
  }

  private static FailureReason reasonOf(StorageException fault) {
    return switch (fault.kind()) {
      case NOT_FOUND -> FailureReason.UNREADABLE;
      case PERMISSION_DENIED -> FailureReason.PERMISSION_DENIED;
      case UNREADABLE, UNSUPPORTED -> FailureReason.UNREADABLE;
      case CHANGED -> FailureReason.CHANGED_WHILE_READ;
      case LIMIT_EXCEEDED -> FailureReason.LIMIT_EXCEEDED;
      case NOT_WRITABLE -> FailureReason.OUTPUT_NOT_WRITABLE;
      case NO_SPACE -> FailureReason.OUTPUT_NO_SPACE;
      case NAME -> FailureReason.BAD_NAME;
    };
  }

  private static FailureReason reasonOf(OmsException fault) {
    return switch (fault.kind()) {
      case MALFORMED -> FailureReason.MALFORMED_BUNDLE;
      case TOO_LARGE -> FailureReason.LIMIT_EXCEEDED;
      case UNSUPPORTED_ALGORITHM -> FailureReason.UNSUPPORTED_ALGORITHM;
      case UNSUPPORTED_PREDICATE -> FailureReason.UNSUPPORTED_PREDICATE;
      case ROOT_DIGEST_MISMATCH -> FailureReason.ROOT_DIGEST_MISMATCH;
      case NAME -> FailureReason.BAD_NAME;
      case EMPTY -> FailureReason.EMPTY_MODEL;
    };
  }

  private static FailureReason reasonOf(VerificationException fault) {
    return switch (fault.kind()) {
      case BAD_SIGNATURE -> FailureReason.BAD_SIGNATURE;
      case UNTRUSTED_SIGNER -> FailureReason.UNTRUSTED_SIGNER;
      case METHOD_MISMATCH -> FailureReason.METHOD_MISMATCH;
      case UNSUPPORTED_KEY -> FailureReason.UNSUPPORTED_ALGORITHM;
      case EXPIRED_CERTIFICATE -> FailureReason.EXPIRED_CERTIFICATE;
      case CERTIFICATE_NOT_YET_VALID -> FailureReason.CERTIFICATE_NOT_YET_VALID;
      case REVOKED_CERTIFICATE -> FailureReason.REVOKED_CERTIFICATE;
      case REVOCATION_UNKNOWN -> FailureReason.REVOCATION_UNKNOWN;
      case UNSUITABLE_CERTIFICATE -> FailureReason.UNSUITABLE_CERTIFICATE;
      case BAD_TIMESTAMP -> FailureReason.BAD_TIMESTAMP;
      case NO_POLICY_RULE -> FailureReason.NO_POLICY_RULE;
      case DENIED_BY_POLICY -> FailureReason.DENIED_BY_POLICY;
    };
  }
}
