package dev.countersign.verification;

import dev.countersign.keys.KeyHint;
import dev.countersign.remedy.Remedy;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Keys and certificates that a policy denies, whoever vouches for them. Immutable. */
final class DeniedSigners {

  private final Set<String> fingerprints;

  DeniedSigners(List<String> ofPolicy, List<String> ofRule) {
    Set<String> all = new HashSet<>(ofPolicy);
    all.addAll(ofRule);
    this.fingerprints = Set.copyOf(all);
  }

  /**
   * Requires that nothing is denied of what makes a signer trusted: its key, or its certificate,
   * any above it, the anchor, the same of the timestamp's authority, and the keys of all these.
   *
   * @throws VerificationException {@link VerificationException.Kind#DENIED_BY_POLICY} if it is
   */
  void requireNone(VerifiedBundle verified) throws VerificationException {
    if (fingerprints.isEmpty()) {
      return;
    }
    if (verified.certified().isEmpty()) {
      requireNot(verified.signer(), "the key", null);
      return;
    }
    CertifiedSigner signer = verified.certified().get();
    List<X509Certificate> relied = new ArrayList<>(signer.path());
    signer.anchor().ifPresent(relied::add);
    signer
        .timestamp()
        .ifPresent(
            timestamp -> {
              relied.addAll(timestamp.chain().path());
              relied.add(timestamp.anchor());
            });
    CertifiedSigner claimed = CertifiedSigner.claimed(signer.certificate());
    for (X509Certificate certificate : relied) {
      requireNot(CertificateDigest.of(certificate), "the certificate", claimed);
      requireNot(KeyHint.of(certificate.getPublicKey()), "the key", claimed);
    }
  }

  private void requireNot(String fingerprint, String what, @Nullable CertifiedSigner claimed)
      throws VerificationException {
    if (fingerprints.contains(fingerprint)) {
      throw new VerificationException(
          VerificationException.Kind.DENIED_BY_POLICY,
          String.format(
              Locale.ROOT,
              "The signature relies on %s %s, which the policy denies (deny-fingerprints). Have the"
                  + " model signed by another.",
              what,
              fingerprint),
          Remedy.NONE,
          claimed);
    }
  }
}
