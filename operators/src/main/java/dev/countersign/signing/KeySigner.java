package dev.countersign.signing;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.KeyHint;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.VerificationMaterial;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.KeyVerifier;
import java.security.KeyPair;
import java.security.PublicKey;

/** Signs with a private key that was read from a local file (method key). */
public final class KeySigner implements Signer {

  private final SigningKey key;
  private final PublicKey publicKey;
  private final String hint;

  private KeySigner(KeyPair pair) {
    this.key = SigningKey.of(pair);
    this.publicKey = pair.getPublic();
    this.hint = KeyHint.of(publicKey);
  }

  /**
   * Loads the key and its passphrase on this machine.
   *
   * @throws KeyFormatException if one of them cannot be read, or the key cannot sign models
   */
  public static KeySigner load(KeySigningSettings settings) throws KeyFormatException {
    return new KeySigner(SigningKey.load(settings).pair());
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

  /** Does nothing: the JDK's keys cannot be wiped, and go when this object goes. */
  @Override
  public void close() {}

  /** Returns the hint of the public key, and nothing of the private one. */
  @Override
  public String toString() {
    return "KeySigner[" + hint + "]";
  }
}
