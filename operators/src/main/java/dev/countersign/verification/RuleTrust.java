package dev.countersign.verification;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.KeyHint;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.SignatureMethod;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.trust.TrustException;
import dev.countersign.verification.PolicyAcceptance.NameRule;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Verifies bundles under one rule of a policy. The bundle's own method decides which of the signers
 * that the rule accepts are tried; of several failures the one is told that says most.
 */
final class RuleTrust implements ModelTrust {

  private static final int UNKNOWN = 0;
  private static final int WRONG_NAME = 1;

  private final PolicyRule rule;
  private final Optional<KeyVerifier> keys;

  /** Those first that weaken nothing, so that no signer is accepted weakly who need not be. */
  private final List<Acceptance> certificates;

  /** Empty if the rule accepts no identities, or the policy has no instance. */
  private final Optional<SigstoreVerifier> sigstore;

  /** Why the policy's instance cannot be read; empty if it can, or none is named. */
  private final String sigstoreFault;

  /** Fingerprints of keys and certificates that are denied, whoever vouches for them. */
  private final Set<String> denied;

  private final OmsBounds bounds;

  /**
   * A rule made ready.
   *
   * @param policy that the rule is of
   * @param signatures checks Sigstore signatures; empty if the policy has no instance
   * @throws KeyFormatException if one of its keys cannot be used
   * @throws TrustException if one of its certificates or revocation lists cannot be used
   */
  RuleTrust(
      PolicyRule rule,
      PolicySettings policy,
      Optional<SigstoreSignatures> signatures,
      OmsBounds bounds,
      Clock clock)
      throws KeyFormatException, TrustException {
    this.rule = rule;
    this.bounds = bounds;
    this.sigstoreFault = policy.sigstoreFault();
    this.denied =
        Stream.concat(policy.deniedFingerprints().stream(), rule.deniedFingerprints().stream())
            .collect(Collectors.toUnmodifiableSet());
    List<String> pems = rule.accepted().keys().stream().map(PolicyAcceptance.Key::pem).toList();
    this.keys =
        pems.isEmpty()
            ? Optional.empty()
            : Optional.of(KeyVerifier.of(new KeyVerificationSettings(pems), bounds));
    List<PolicyAcceptance.Identity> identities = rule.accepted().identities();
    this.sigstore =
        identities.isEmpty()
            ? Optional.empty()
            : signatures.map(checks -> new SigstoreVerifier(checks, identities, bounds));
    List<PolicyAcceptance.Certified> strictFirst =
        rule.accepted().certificates().stream()
            .sorted(
                Comparator.comparing(
                    accepted -> !accepted.trust().time().equals(CertificateTime.NOW)))
            .toList();
    List<Acceptance> acceptances = new ArrayList<>();
    for (PolicyAcceptance.Certified accepted : strictFirst) {
      acceptances.add(Acceptance.of(accepted, bounds, clock));
    }
    this.certificates = List.copyOf(acceptances);
  }

  @Override
  public String rule() {
    return rule.name();
  }

  @Override
  public boolean allowsUnsigned() {
    return rule.allowsUnsigned();
  }

  @Override
  public boolean allowsPreviousDigests() {
    return rule.allowsPreviousDigests();
  }

  @Override
  public boolean allowsFirstSignature() {
    return rule.allowsFirstSignature();
  }

  @Override
  public VerifiedBundle verify(byte[] bundleJson) throws OmsException, VerificationException {
    try {
      if (rule.denied()) {
        throw new VerificationException(
            VerificationException.Kind.DENIED_BY_POLICY,
            "It denies these models regardless of the signer.");
      }
      VerifiedBundle verified = verify(BundleJson.read(bundleJson, bounds));
      requireNotDenied(verified);
      requireAcceptedHash(verified);
      return verified;
    } catch (VerificationException e) {
      throw new VerificationException(
          e.kind(),
          e.claimed().orElse(null),
          "Rule '%s' of the policy: %s",
          rule.name(),
          e.message(PolicyWording::of));
    }
  }

  private VerifiedBundle verify(Bundle bundle) throws OmsException, VerificationException {
    SignatureMethod method = bundle.material().method();
    if (rule.accepted().isOfNobody()) {
      throw new VerificationException(
          VerificationException.Kind.UNTRUSTED_SIGNER,
          "It accepts no signer, only models without a bundle. If this model's signer is to be"
              + " trusted, write accept into the rule; otherwise remove the bundle.");
    }
    return switch (method) {
      case KEY -> keys.orElseThrow(() -> methodNotAccepted("a bare key", "keys")).verify(bundle);
      case CERTIFICATE -> certified(bundle);
      case SIGSTORE -> sigstore.orElseThrow(this::noSigstore).verify(bundle);
    };
  }

  private VerifiedBundle certified(Bundle bundle) throws OmsException, VerificationException {
    if (certificates.isEmpty()) {
      throw methodNotAccepted("a certificate", "certificates");
    }
    SignedChain signed = SignedChain.of(bundle);
    // By how much it tells; of two that tell as much the first.
    NavigableMap<Integer, VerificationException> failures = new TreeMap<>();
    for (Acceptance acceptance : certificates) {
      Optional<VerificationException> unwanted = acceptance.unwanted(signed.leaf());
      try {
        CertifiedSigner signer = acceptance.verifier().check(signed);
        if (unwanted.isEmpty()) {
          return signed.verified(signer, bounds);
        }
        failures.putIfAbsent(WRONG_NAME, unwanted.get());
      } catch (VerificationException e) {
        int telling = telling(e);
        // That a certificate has expired is of no matter where it is not the one that is wanted.
        boolean named = unwanted.isEmpty() || telling == UNKNOWN;
        failures.putIfAbsent(named ? telling : WRONG_NAME, named ? e : unwanted.get());
      }
    }
    throw failures.lastEntry().getValue();
  }

  /**
   * That a certificate was revoked matters most; that one of several authorities does not know it
   * matters least.
   */
  private static int telling(VerificationException failure) {
    return switch (failure.kind()) {
      case UNTRUSTED_SIGNER -> UNKNOWN;
      case EXPIRED_CERTIFICATE, CERTIFICATE_NOT_YET_VALID, BAD_TIMESTAMP -> 3;
      case REVOCATION_UNKNOWN -> 4;
      case REVOKED_CERTIFICATE -> 5;
      default -> 2;
    };
  }

  /**
   * Requires that nothing is denied of what makes a signer trusted: its key, or its certificate,
   * any above it, the anchor, the same of the timestamp's authority, and the keys of all these.
   */
  private void requireNotDenied(VerifiedBundle verified) throws VerificationException {
    if (denied.isEmpty()) {
      return;
    }
    if (verified.certified().isEmpty()) {
      requireNotDenied(verified.signer(), "the key", null);
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
      requireNotDenied(CertificateDigest.of(certificate), "the certificate", claimed);
      requireNotDenied(KeyHint.of(certificate.getPublicKey()), "the key", claimed);
    }
  }

  private void requireNotDenied(String fingerprint, String what, @Nullable CertifiedSigner claimed)
      throws VerificationException {
    if (denied.contains(fingerprint)) {
      throw new VerificationException(
          VerificationException.Kind.DENIED_BY_POLICY,
          claimed,
          "The signature relies on %s %s, which the policy denies (deny-fingerprints). Have the"
              + " model signed by another.",
          what,
          fingerprint);
    }
  }

  private void requireAcceptedHash(VerifiedBundle verified) throws VerificationException {
    List<HashAlgorithm> accepted = rule.accepted().hashes();
    HashAlgorithm hash = verified.manifest().serialization().hash();
    if (accepted.isEmpty() || accepted.contains(hash)) {
      return;
    }
    throw new VerificationException(
        VerificationException.Kind.DENIED_BY_POLICY,
        Message.of(
            "The model was hashed with %s, and the rule accepts %s.",
            hash.omsName(),
            accepted.stream().map(HashAlgorithm::omsName).collect(Collectors.joining(", "))),
        Remedy.of(
            "Have it signed again with %s %s.", Setting.HASH_ALGORITHM, accepted.get(0).omsName()),
        verified
            .certified()
            .map(signer -> CertifiedSigner.claimed(signer.certificate()))
            .orElse(null));
  }

  private VerificationException noSigstore() {
    if (rule.accepted().identities().isEmpty()) {
      return methodNotAccepted("Sigstore", "sigstore");
    }
    return sigstoreFault.isEmpty()
        ? new VerificationException(
            VerificationException.Kind.TRUST_UNAVAILABLE,
            "The bundle was signed with Sigstore, and the policy has no trusted root of an"
                + " instance.",
            Remedy.of("Name one with %s or %s.", Setting.TRUSTED_ROOT, Setting.TRUST_CONFIG),
            null)
        : new VerificationException(
            VerificationException.Kind.TRUST_UNAVAILABLE,
            "The bundle was signed with Sigstore, and the trusted root of the instance cannot be"
                + " read: "
                + sigstoreFault,
            Remedy.text("The model is verified again once the trusted root can be read."),
            null);
  }

  private VerificationException methodNotAccepted(String signedWith, String key) {
    return new VerificationException(
        VerificationException.Kind.METHOD_MISMATCH,
        "The bundle was signed with %s, and the rule accepts none: it has no %s under accept.",
        signedWith,
        key);
  }

  /** Signers whose certificate leads to some authorities and has one of the names, if any given. */
  private record Acceptance(
      CertificateVerifier verifier,
      List<Predicate<X500Principal>> subjects,
      List<Predicate<X500Principal>> issuers,
      List<Predicate<AlternativeName>> alternativeNames) {

    static Acceptance of(PolicyAcceptance.Certified settings, OmsBounds bounds, Clock clock)
        throws TrustException {
      return new Acceptance(
          new CertificateVerifier(settings.trust(), bounds, clock),
          settings.subjects().stream().map(NameRule::ofPrincipal).toList(),
          settings.issuers().stream().map(NameRule::ofPrincipal).toList(),
          settings.alternativeNames().stream().map(NameRule::ofAlternative).toList());
    }

    /** Returns why a signer's names are not wanted; empty if they are. */
    Optional<VerificationException> unwanted(X509Certificate leaf) {
      if (!accepts(subjects, List.of(leaf.getSubjectX500Principal()))) {
        return Optional.of(unwanted(leaf, "the rule does not accept this subject"));
      }
      if (!accepts(issuers, List.of(leaf.getIssuerX500Principal()))) {
        String issuedBy = Printable.of(leaf.getIssuerX500Principal().getName());
        return Optional.of(unwanted(leaf, "the rule does not accept its issuer " + issuedBy));
      }
      return alternativeNames.isEmpty() || accepts(alternativeNames, AlternativeName.of(leaf))
          ? Optional.empty()
          : Optional.of(unwanted(leaf, "the rule accepts none of its alternative names"));
    }

    private static <T> boolean accepts(List<Predicate<T>> rules, List<T> names) {
      return rules.isEmpty()
          || names.stream().anyMatch(name -> rules.stream().anyMatch(rule -> rule.test(name)));
    }

    private static VerificationException unwanted(X509Certificate leaf, String which) {
      return new VerificationException(
          VerificationException.Kind.UNTRUSTED_SIGNER,
          CertifiedSigner.claimed(leaf),
          "The signer's certificate is of %s, and %s. If this signer is to be trusted, put its name"
              + " into the policy.",
          Printable.of(leaf.getSubjectX500Principal().getName()),
          which);
    }
  }
}
