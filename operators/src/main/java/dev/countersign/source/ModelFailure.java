package dev.countersign.source;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Printable;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.Verdict;
import dev.countersign.signing.SigningException;
import dev.countersign.storage.StorageException;
import dev.countersign.verification.VerificationException;

/**
 * Why one model fails: a typed reason and a sentence for people. The boundary where the library's
 * exceptions turn into results.
 */
public final class ModelFailure extends Exception {

  private static final long serialVersionUID = 1L;

  private final FailureReason reason;

  /** A failure with its reason and message. */
  public ModelFailure(FailureReason reason, String message) {
    super(message, null, false, false);
    this.reason = reason;
  }

  /** The typed reason. */
  public FailureReason reason() {
    return reason;
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
      return new ModelFailure(reasonOf(storage), message);
    } else if (fault instanceof OmsException oms) {
      return new ModelFailure(reasonOf(oms), message);
    } else if (fault instanceof VerificationException verification) {
      return new ModelFailure(reasonOf(verification), message);
    } else if (fault instanceof SigningException || fault instanceof KeyFormatException) {
      return new ModelFailure(FailureReason.SIGNING_FAILED, message);
    }
    return new ModelFailure(
        FailureReason.INTERNAL_ERROR,
        "A fault of the program: %s. Please report it with the log of --verbose.".formatted(fault));
  }

  /** What {@code --no-overwrite} makes of a bundle that is there. */
  public static ModelFailure bundleExists(String bundle) {
    return new ModelFailure(
        FailureReason.BUNDLE_EXISTS,
        "%s is there already and --no-overwrite forbids replacing it: remove it, name another place with --signature, or leave the option out."
            .formatted(Printable.of(bundle)));
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
    };
  }
}
