package dev.countersign.jobs.cli;

import dev.countersign.jobs.terminal.Console;
import dev.countersign.verification.CertificateVerificationSettings;
import dev.countersign.verification.VerificationSettings;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Shows which certificates a run trusts, in the form that people compare them in. */
final class Fingerprints {

  private static final HexFormat COLONS = HexFormat.ofDelimiter(":").withUpperCase();

  private Fingerprints() {}

  /** Says the fingerprints of the certificates that count; nothing if there are none. */
  static void show(Console console, @Nullable VerificationSettings trusted) {
    if (trusted instanceof CertificateVerificationSettings certificates) {
      show(console, "Trusted certificate", certificates.anchors());
      show(console, "Trusted timestamp authority", certificates.timestampAnchors());
    }
  }

  private static void show(Console console, String what, List<byte[]> certificates) {
    for (byte[] der : certificates) {
      console.say(String.format(Locale.ROOT, "%s: sha256 %s", what, of(der)));
    }
  }

  private static String of(byte[] der) {
    try {
      return COLONS.formatHex(MessageDigest.getInstance("SHA-256").digest(der));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
