package dev.countersign.signing;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.oms.OmsBounds;
import dev.countersign.verification.BundleVerifier;

/** Signs on behalf of one identity. Implementations are thread safe. */
public interface Signer extends Signatory, AutoCloseable {

  /**
   * Loads the signer that settings ask for on this machine, with its key and passphrase or its
   * token.
   *
   * @throws KeyFormatException if one of them cannot be read, the key cannot sign models, or the
   *     certificates do not go with it
   * @throws SigningException if a token cannot be used
   */
  static Signer load(SigningSettings settings) throws KeyFormatException, SigningException {
    return settings instanceof CertificateSigningSettings certificates
        ? CertificateSigner.load(certificates)
        : KeySigner.load((KeySigningSettings) settings);
  }

  /**
   * Returns a signature.
   *
   * @param pae the message, the pre-authentication encoding of an envelope; not changed, not kept
   * @throws SigningException if the key, or the service that holds it, cannot sign
   */
  byte[] sign(byte[] pae) throws SigningException;

  /** Returns a verifier that trusts this signer and nobody else. */
  BundleVerifier ownVerifier(OmsBounds bounds);

  /** Lets go of the key, or of the connection to who holds it; no method may be called after. */
  @Override
  void close();
}
