package dev.countersign.jobs.run;

import dev.countersign.jobs.terminal.Console;
import dev.countersign.keys.CertificateDecoder;
import dev.countersign.text.Printable;
import dev.countersign.verification.CertificateDigest;
import dev.countersign.verification.CertificateVerificationSettings;
import dev.countersign.verification.PolicyRule;
import dev.countersign.verification.PolicySettings;
import dev.countersign.verification.VerificationSettings;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Shows which certificates a run trusts. */
final class Fingerprints {

  private Fingerprints() {}

  /** Says the fingerprints of the certificates that count; nothing if there are none. */
  static void show(Console console, @Nullable VerificationSettings trusted) {
    if (trusted instanceof CertificateVerificationSettings certificates) {
      show(console, "", certificates);
    } else if (trusted instanceof PolicySettings policy) {
      for (PolicyRule rule : policy.rules()) {
        String by = String.format(Locale.ROOT, "Rule '%s': ", rule.name());
        rule.accepted().certificates().forEach(certified -> show(console, by, certified.trust()));
      }
    }
  }

  private static void show(
      Console console, String by, CertificateVerificationSettings certificates) {
    show(console, by + "Trusted certificate", certificates.anchors());
    show(console, by + "Trusted timestamp authority", certificates.timestampAnchors());
  }

  private static void show(Console console, String what, List<byte[]> certificates) {
    for (byte[] der : certificates) {
      try {
        X509Certificate certificate = CertificateDecoder.decode(der);
        console.say(
            String.format(
                Locale.ROOT,
                "%s: sha256 %s  %s",
                what,
                CertificateDigest.of(certificate),
                Printable.of(certificate.getSubjectX500Principal().getName())));
      } catch (CertificateException e) {
        throw new IllegalStateException("a certificate that was read cannot be read again", e);
      }
    }
  }
}
