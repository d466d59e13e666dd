package dev.countersign.signing;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.KeyHint;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.VerificationMaterial;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.KeyVerifier;
import java.security.PublicKey;

/** Signs with a bare private key (method key). */
public final class KeySigner implements Signer {

  private final SigningKey key;
  private final PublicKey publicKey;
  private final String hint;

  private KeySigner(SigningKey key) {
    this.key = key;
    this.publicKey = key.publicKey();
    this.hint = KeyHint.of(publicKey);
  }

  /**
   * Loads the key and its passphrase, or opens its token, on this machine.
   *
   * @throws KeyFormatException if one of them cannot be read, or the key cannot sign models
   * @throws SigningException if the token cannot be used
   */
  public static KeySigner load(KeySigningSettings settings)
      throws KeyFormatException, SigningException {
    return new KeySigner(SigningKey.open(settings.key()));
  }

  @Override
  public byte[] sign(byte[] pae) throws SigningException {
    return key.sign(pae);
  }

  @Override
  public VerificationMaterial material() {
    return new VerificationMaterial.PublicKeyHint(hint);
  }

  @Override
  public String identity() {
    return hint;
  }

  /** Returns the public key. */
  public PublicKey publicKey() {
    return publicKey;
  }

  @Override
  public BundleVerifier ownVerifier(OmsBounds bounds) {
    return KeyVerifier.of(publicKey, bounds);
  }

  @Override
  public void close() {
    key.close();
  }

  /** Returns the hint of the public key, and nothing of the private one. */
  @Override
  public String toString() {
    return "KeySigner[" + hint + "]";
  }
}
