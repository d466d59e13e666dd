package dev.countersign.verification;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.KeyHint;
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
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Verifies bundles of method key against the public keys that the caller trusts.
 *
 * <p>What a bundle says about its key only decides which key is tried first. A signature counts for
 * whichever trusted key verifies it, and for none if none does.
 */
public final class KeyVerifier implements BundleVerifier {

  /** How many trusted keys a message names. */
  private static final int MAX_SHOWN = 3;

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
      throw VerificationException.ofMethod(bundle.material().method(), "a bare key");
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
    Optional<TrustedKey> legacySigner =
        SignedMessage.ofRelease020(envelope)
            .flatMap(message -> signer(message, envelope.signature(), claimed));
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

  private Optional<TrustedKey> signer(SignedMessage message, byte[] signature, String claimed) {
    // The key that the bundle claims goes first, if we have it.
    return keys.values().stream()
        .sorted(Comparator.comparing(trusted -> !trusted.hint().equals(claimed)))
        .filter(trusted -> trusted.key().verifies(message, signature))
        .findFirst();
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
          "The bundle names the trusted key %s, and its signature is not that key's: the bundle was"
              + " changed after it was signed, or is a forgery. Fetch it from its producer again.",
          claimed);
    }
    return new VerificationException(
        VerificationException.Kind.UNTRUSTED_SIGNER,
        Message.of(
            "No trusted key signed the bundle%s. Trusted fingerprints: %s.",
            claimed.isEmpty()
                ? ""
                : ", which names the key with the fingerprint " + Printable.of(claimed),
            shownHints()),
        Remedy.of("To trust its signer, add that public key with %s.", Setting.PUBLIC_KEY),
        null);
  }

  private String shownHints() {
    String first = keys.keySet().stream().limit(MAX_SHOWN).collect(Collectors.joining(", "));
    int more = keys.size() - MAX_SHOWN;
    return more > 0 ? Message.of("%s and %d more", first, more) : first;
  }

  /**
   * A public key that the caller trusts, with the names that a bundle may call it by.
   *
   * @param hint its hint
   * @param encoded the key itself
   * @param key the key made ready for use
   */
  private record TrustedKey(String hint, PublicKey encoded, VerifyingKey key) {

    static TrustedKey of(PublicKey key) {
      VerifyingKey prepared =
          VerifyingKey.of(key)
              .orElseThrow(
                  () -> new IllegalArgumentException("Not a key that models are signed with"));
      return new TrustedKey(KeyHint.of(key), key, prepared);
    }

    /**
     * Returns whether these bytes, out of a bundle, are this key's SubjectPublicKeyInfo in DER, or
     * its PEM as the reference client's 1.0.0 wrote it. They are compared only: parsing a hostile
     * key would gain nothing, since it is not trusted anyway.
     */
    boolean isEncodedAs(byte[] rawBytes) {
      return Arrays.equals(rawBytes, encoded.getEncoded())
          || Arrays.equals(
              rawBytes, PublicKeyFile.pem(encoded).getBytes(StandardCharsets.US_ASCII));
    }
  }
}
