package dev.countersign.faults;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.oms.OmsException;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.schemas.FailureReason;
import dev.countersign.signing.SigningException;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.verification.VerificationException;

/** Turns exceptions of the library into failures of models. */
public final class LibraryFaults {

  private LibraryFaults() {}

  /**
   * The failure that an exception of the library stands for.
   *
   * @param fault an exception of the library; anything else is a fault of the program
   */
  public static ModelFailure failureOf(Exception fault) {
    if (fault instanceof ModelFailure failure) {
      return failure;
    } else if (fault instanceof StorageException storage) {
      return new ModelFailure(
          reasonOf(storage), storage.problem(), storage.remedy(), storage.transientFault());
    } else if (fault instanceof OmsException oms) {
      return new ModelFailure(reasonOf(oms), String.valueOf(oms.getMessage()));
    } else if (fault instanceof VerificationException verification) {
      return new ModelFailure(
          reasonOf(verification), verification.problem(), verification.remedy());
    } else if (fault instanceof SigningException signing) {
      return new ModelFailure(FailureReason.SIGNING_FAILED, signing.problem(), signing.remedy());
    } else if (fault instanceof KeyFormatException key) {
      return new ModelFailure(FailureReason.SIGNING_FAILED, key.problem(), key.remedy());
    }
    return new ModelFailure(
        FailureReason.INTERNAL_ERROR,
        Message.of("A fault of the program: %s.", Printable.of(String.valueOf(fault))),
        Remedy.of("Please report it with the log of %s.", Setting.VERBOSE));
  }

  /**
   * The failure that anything thrown while working on a model stands for. An {@link Error} is one,
   * too: memory that a model asks for, a stack that it exhausts, or a connector's class that is not
   * there spoil one model, and the others go on.
   *
   * @param model its URI
   */
  public static ModelFailure failureOf(String model, Throwable fault) {
    if (fault instanceof OutOfMemoryError) {
      return ModelFailure.outOfMemory(model);
    }
    return failureOf(
        fault instanceof Exception exception ? exception : new RuntimeException(fault));
  }

  private static FailureReason reasonOf(StorageException fault) {
    return switch (fault.kind()) {
      case NOT_FOUND -> FailureReason.UNREADABLE;
      case PERMISSION_DENIED -> FailureReason.PERMISSION_DENIED;
      case UNREADABLE, THROTTLED, UNSUPPORTED -> FailureReason.UNREADABLE;
      case CHANGED -> FailureReason.CHANGED_WHILE_READ;
      case LIMIT_EXCEEDED -> FailureReason.LIMIT_EXCEEDED;
      case NOT_WRITABLE -> FailureReason.OUTPUT_NOT_WRITABLE;
      case NO_SPACE -> FailureReason.OUTPUT_NO_SPACE;
      case NAME -> FailureReason.BAD_NAME;
      case OUTSIDE -> FailureReason.SYMLINK_OUTSIDE_MODEL;
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
      case BAD_LOG_ENTRY -> FailureReason.BAD_LOG_ENTRY;
      case TRUST_UNAVAILABLE -> FailureReason.TRUST_UNAVAILABLE;
      case NO_POLICY_RULE -> FailureReason.NO_POLICY_RULE;
      case DENIED_BY_POLICY -> FailureReason.DENIED_BY_POLICY;
    };
  }
}
