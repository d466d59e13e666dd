package dev.countersign.verification;

import dev.countersign.oms.OmsBounds;
import dev.countersign.remedy.Remedy;
import dev.countersign.text.Printable;
import dev.countersign.trust.TrustException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import javax.security.auth.x500.X500Principal;

/** Accepts signers whose certificate leads to some authorities and has the wanted names. */
final class CertifiedAcceptance {

  private final CertificateVerifier verifier;
  private final Predicate<X500Principal> subject;
  private final Predicate<X500Principal> issuer;
  private final Predicate<AlternativeName> alternativeName;
  private final boolean demandsAlternativeName;

  CertifiedAcceptance(PolicyAcceptance.Certified settings, OmsBounds bounds, Clock clock)
      throws TrustException {
    this.verifier = CertificateVerifier.of(settings.trust(), bounds, clock);
    this.subject = NameRules.ofPrincipals(settings.subjects());
    this.issuer = NameRules.ofPrincipals(settings.issuers());
    this.alternativeName = NameRules.ofAlternatives(settings.alternativeNames());
    this.demandsAlternativeName = !settings.alternativeNames().isEmpty();
  }

  /**
   * Checks whether the authorities vouch for a signer, whatever its name.
   *
   * @throws VerificationException if no chain leads to them, or one that does not hold
   */
  CertifiedSigner check(SignedChain signed) throws VerificationException {
    return verifier.check(signed);
  }

  /** Returns why a signer's names are not wanted; empty if they are. */
  Optional<VerificationException> unwanted(X509Certificate leaf) {
    if (!subject.test(leaf.getSubjectX500Principal())) {
      return Optional.of(unwanted(leaf, "the rule does not accept this subject"));
    }
    if (!issuer.test(leaf.getIssuerX500Principal())) {
      String issuedBy = Printable.of(leaf.getIssuerX500Principal().getName());
      return Optional.of(unwanted(leaf, "the rule does not accept its issuer " + issuedBy));
    }
    boolean named =
        !demandsAlternativeName || AlternativeName.of(leaf).stream().anyMatch(alternativeName);
    return named
        ? Optional.empty()
        : Optional.of(unwanted(leaf, "the rule accepts none of its alternative names"));
  }

  private static VerificationException unwanted(X509Certificate leaf, String which) {
    return new VerificationException(
        VerificationException.Kind.UNTRUSTED_SIGNER,
        String.format(
            Locale.ROOT,
            "The signer's certificate is of %s, and %s. If this signer is to be trusted, put its"
                + " name into the policy.",
            Printable.of(leaf.getSubjectX500Principal().getName()),
            which),
        Remedy.NONE,
        CertifiedSigner.claimed(leaf));
  }
}
