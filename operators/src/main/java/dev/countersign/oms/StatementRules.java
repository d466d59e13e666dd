package dev.countersign.oms;

import dev.countersign.text.Printable;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What every statement must have, whatever its predicate. */
final class StatementRules {

  private StatementRules() {}

  /** Checks the types that a statement gives itself; null is one that it does not give. */
  static void checkTypes(
      @Nullable String type, @Nullable String predicateType, String expectedPredicateType)
      throws OmsException {
    if (!Statement.TYPE.equals(require("_type", type))) {
      throw unsupported("an in-toto statement of type", type, Statement.TYPE);
    }
    if (!expectedPredicateType.equals(require("predicateType", predicateType))) {
      throw unsupported("a predicate of type", predicateType, expectedPredicateType);
    }
  }

  /** Returns the value that was read at {@code pointer}, which null says was not there. */
  static <T> T require(String pointer, @Nullable T value) throws OmsException {
    return Optional.ofNullable(value)
        .orElseThrow(
            () -> OmsException.malformed("The statement's field /" + pointer + " is missing."));
  }

  private static OmsException unsupported(String what, @Nullable String type, String expected) {
    return new OmsException(
        OmsException.Kind.UNSUPPORTED_PREDICATE,
        "The signature is over "
            + what
            + " \""
            + Printable.of(String.valueOf(type))
            + "\"; only \""
            + expected
            + "\" is supported with a signature of this form.");
  }
}
