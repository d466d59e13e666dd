package dev.countersign.verification;

import dev.countersign.remedy.Setting;

/** Words remedies for those who write a trust policy: what it says itself by its own keys. */
public final class PolicyWording {

  private PolicyWording() {}

  /** Returns what a policy calls a setting. */
  public static String of(Setting setting) {
    return switch (setting) {
      case TSA_CERTIFICATE_CHAIN -> "timestamp-authorities in the policy";
      case CERTIFICATE_CHAIN -> "authorities in the policy";
      case CRL -> "revocation-lists in the policy";
      case PUBLIC_KEY -> "keys in the policy";
      case TRUSTED_ROOT -> "sigstore-trusted-root in the policy";
      default -> setting.toString();
    };
  }
}
