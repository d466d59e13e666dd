package dev.countersign.verification;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.SignatureMethod;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.trust.TrustException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

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
  private final List<CertifiedAcceptance> certificates;

  private final DeniedSigners denied;
  private final OmsBounds bounds;

  /**
   * A rule made ready.
   *
   * @throws KeyFormatException if one of its keys cannot be used
   * @throws TrustException if one of its certificates or revocation lists cannot be used
   */
  RuleTrust(PolicyRule rule, List<String> deniedByPolicy, OmsBounds bounds, Clock clock)
      throws KeyFormatException, TrustException {
    this.rule = rule;
    this.bounds = bounds;
    this.denied = new DeniedSigners(deniedByPolicy, rule.deniedFingerprints());
    List<String> pems = rule.accepted().keys().stream().map(PolicyAcceptance.Key::pem).toList();
    this.keys =
        pems.isEmpty()
            ? Optional.empty()
            : Optional.of(KeyVerifier.of(new KeyVerificationSettings(pems), bounds));
    List<PolicyAcceptance.Certified> strictFirst =
        rule.accepted().certificates().stream()
            .sorted(
                Comparator.comparing(
                    accepted -> !accepted.trust().time().equals(CertificateTime.NOW)))
            .toList();
    List<CertifiedAcceptance> acceptances = new ArrayList<>();
    for (PolicyAcceptance.Certified accepted : strictFirst) {
      acceptances.add(new CertifiedAcceptance(accepted, bounds, clock));
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
            "It denies these models, whoever signed them.");
      }
      VerifiedBundle verified = verify(BundleJson.read(bundleJson, bounds));
      denied.requireNone(verified);
      requireAcceptedHash(verified);
      return verified;
    } catch (VerificationException e) {
      throw new VerificationException(
          e.kind(),
          String.format(
              Locale.ROOT,
              "Rule '%s' of the policy: %s",
              rule.name(),
              e.message(PolicyWording::of)),
          Remedy.NONE,
          e.claimed().orElse(null));
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
      case SIGSTORE -> throw sigstore();
    };
  }

  private VerifiedBundle certified(Bundle bundle) throws OmsException, VerificationException {
    if (certificates.isEmpty()) {
      throw methodNotAccepted("a certificate", "certificates");
    }
    SignedChain signed = SignedChain.of(bundle);
    // By how much it tells; of two that tell as much the first.
    NavigableMap<Integer, VerificationException> failures = new TreeMap<>();
    for (CertifiedAcceptance acceptance : certificates) {
      Optional<VerificationException> unwanted = acceptance.unwanted(signed.leaf());
      try {
        CertifiedSigner signer = acceptance.check(signed);
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

  private void requireAcceptedHash(VerifiedBundle verified) throws VerificationException {
    List<HashAlgorithm> accepted = rule.accepted().hashes();
    HashAlgorithm hash = verified.manifest().serialization().hash();
    if (accepted.isEmpty() || accepted.contains(hash)) {
      return;
    }
    throw new VerificationException(
        VerificationException.Kind.DENIED_BY_POLICY,
        String.format(
            Locale.ROOT,
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

  private VerificationException sigstore() {
    return rule.accepted().identities().isEmpty()
        ? methodNotAccepted("Sigstore", "sigstore")
        : new VerificationException(
            VerificationException.Kind.METHOD_MISMATCH,
            "The bundle was signed with Sigstore. The rule accepts identities of Sigstore, but this"
                + " version cannot verify them, so the model is denied. Have it signed with a key"
                + " or a certificate that the rule accepts too.");
  }

  private VerificationException methodNotAccepted(String signedWith, String key) {
    return new VerificationException(
        VerificationException.Kind.METHOD_MISMATCH,
        String.format(
            Locale.ROOT,
            "The bundle was signed with %s, and the rule accepts none: it has no %s under accept.",
            signedWith,
            key));
  }
}
