package dev.countersign.verification;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.LegacyStatement;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.SignatureMethod;
import dev.countersign.oms.Statement;
import dev.countersign.oms.VerificationMaterial;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Printable;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Verifies bundles of method key against the public keys that the caller trusts.
 *
 * <p>What a bundle says about its key only decides which key is tried first. A signature counts for
 * whichever trusted key verifies it, and for none if none does.
 */
public final class KeyVerifier implements BundleVerifier {

  /** By hint, in the caller's order. */
  private final Map<String, TrustedKey> keys;

  private final OmsBounds bounds;

  private KeyVerifier(List<PublicKey> trusted, OmsBounds bounds) {
    this.keys = new LinkedHashMap<>();
    for (PublicKey key : trusted) {
      TrustedKey entry = TrustedKey.of(key);
      keys.put(entry.hint(), entry);
    }
    this.bounds = bounds;
  }

  /**
   * Returns a verifier that trusts the keys of the settings.
   *
   * @throws KeyFormatException if one of them is no public key that models can be verified with
   */
  public static KeyVerifier of(KeyVerificationSettings settings, OmsBounds bounds)
      throws KeyFormatException {
    List<PublicKey> keys = new ArrayList<>();
    for (String pem : settings.publicKeyPems()) {
      keys.add(
          PublicKeyFile.read(
              pem.getBytes(StandardCharsets.UTF_8), "public key " + (keys.size() + 1)));
    }
    return new KeyVerifier(keys, bounds);
  }

  /**
   * Returns a verifier that trusts one key.
   *
   * @throws IllegalArgumentException if {@link VerifyingKey#of} has none for it
   */
  public static KeyVerifier of(PublicKey key, OmsBounds bounds) {
    return new KeyVerifier(List.of(key), bounds);
  }

  @Override
  public VerifiedBundle verify(byte[] bundleJson) throws OmsException, VerificationException {
    return verify(BundleJson.read(bundleJson, bounds));
  }

  /** As {@link #verify(byte[])}, of a bundle that was read before. */
  VerifiedBundle verify(Bundle bundle) throws OmsException, VerificationException {
    if (bundle.material().method() != SignatureMethod.KEY) {
      throw MethodMismatch.of(bundle.material().method(), "a bare key");
    }
    String claimed = claimedHint(bundle.material());
    Envelope envelope = bundle.envelope();
    Optional<TrustedKey> signer =
        signer(SignedMessage.of(envelope.pae()), envelope.signature(), claimed);
    if (signer.isPresent()) {
      // Release 0.2.0 never signed DSSE's encoding with a key, so its predicate is refused here: a
      // bundle that joins the two is nobody's honest work.
      return verified(Statement.read(envelope.payload(), bounds), envelope, signer.get());
    }
    Optional<TrustedKey> legacySigner = legacySigner(envelope, claimed);
    if (legacySigner.isPresent()) {
      // And its encoding, which the reference client takes for any predicate, goes with its own.
      return verified(
          LegacyStatement.read(envelope.payload(), bounds), envelope, legacySigner.get());
    }
    throw notSigned(claimed);
  }

  private static VerifiedBundle verified(Manifest manifest, Envelope envelope, TrustedKey signer) {
    return new VerifiedBundle(
        manifest, envelope.payload(), SignatureMethod.KEY, signer.hint(), Optional.empty());
  }

  /** Returns who signed in the way of the reference client's release 0.2.0. */
  private Optional<TrustedKey> legacySigner(Envelope envelope, String claimed) {
    if (!LegacyPae.mayApply(envelope.payload())) {
      return Optional.empty();
    }
    return signer(
        SignedMessage.ofRelease020(envelope.payloadType(), envelope.payload()),
        envelope.signature(),
        claimed);
  }

  private Optional<TrustedKey> signer(SignedMessage message, byte[] signature, String claimed) {
    return inOrder(claimed)
        .filter(trusted -> trusted.key().verifies(message, signature))
        .findFirst();
  }

  /** The key that the bundle claims goes first, if we have it. */
  private Stream<TrustedKey> inOrder(String claimed) {
    return keys.values().stream().sorted(Comparator.comparing(key -> !key.hint().equals(claimed)));
  }

  /** Returns the hint of the key that the bundle claims; empty if it claims none that we know. */
  private String claimedHint(VerificationMaterial material) {
    if (material instanceof VerificationMaterial.PublicKeyHint claim) {
      return claim.hint();
    }
    if (material instanceof VerificationMaterial.PublicKeyRaw claim) {
      return keys.values().stream()
          .filter(key -> key.isEncodedAs(claim.rawBytes()))
          .map(TrustedKey::hint)
          .findFirst()
          .orElse("");
    }
    return "";
  }

  private VerificationException notSigned(String claimed) {
    if (keys.containsKey(claimed)) {
      return new VerificationException(
          VerificationException.Kind.BAD_SIGNATURE,
          "The bundle names the trusted key "
              + claimed
              + ", and its signature is not that key's: the bundle was changed after it was signed,"
              + " or is a forgery. Fetch it from its producer again.");
    }
    return new VerificationException(
        VerificationException.Kind.UNTRUSTED_SIGNER,
        "None of the trusted keys signed the bundle"
            + (claimed.isEmpty() ? "" : ", which names the key " + Printable.of(claimed))
            + ".",
        Remedy.of(
            "If its signer is to be trusted, give that public key with %s.", Setting.PUBLIC_KEY),
        null);
  }
}
