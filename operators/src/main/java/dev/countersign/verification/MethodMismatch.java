package dev.countersign.verification;

import dev.countersign.oms.SignatureMethod;
import java.util.Locale;

/** Refuses a bundle that was signed by another method than the one that it is verified with. */
final class MethodMismatch {

  private MethodMismatch() {}

  /**
   * @param signedWith the bundle's method
   * @param verifiedWith what the caller verifies with, such as {@code a bare key}
   */
  static VerificationException of(SignatureMethod signedWith, String verifiedWith) {
    String signed =
        switch (signedWith) {
          case KEY -> "a bare key";
          case CERTIFICATE -> "a certificate";
          case SIGSTORE -> "Sigstore";
        };
    return new VerificationException(
        VerificationException.Kind.METHOD_MISMATCH,
        String.format(
            Locale.ROOT,
            "The bundle was signed with %s, and %s cannot verify it. Verify it with the method that"
                + " it was signed with, or have the model signed with %s.",
            signed,
            verifiedWith,
            verifiedWith));
  }
}
