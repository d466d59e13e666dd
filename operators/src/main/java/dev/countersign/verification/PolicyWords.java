package dev.countersign.verification;

import java.util.Map;

/**
 * Puts a policy's keys in the place of flags: what reads keys and certificates advises to name
 * another with a flag, and under a policy there are none.
 */
public final class PolicyWords {

  private static final Map<String, String> KEYS =
      Map.of(
          "--tsa-certificate-chain", "timestamp-authorities in the policy",
          "--certificate-chain", "authorities in the policy",
          "--crl", "revocation-lists in the policy",
          "--public-key", "keys in the policy");

  private PolicyWords() {}

  /** Returns a message with the policy's keys instead of flags. */
  public static String of(String message) {
    String text = message;
    for (Map.Entry<String, String> word : KEYS.entrySet()) {
      text = text.replace(word.getKey(), word.getValue());
    }
    return text;
  }
}
