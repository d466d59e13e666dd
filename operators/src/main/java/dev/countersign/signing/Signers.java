package dev.countersign.signing;

import dev.countersign.keys.KeyFormatException;

/** Loads the signer that settings ask for, on this machine. */
public final class Signers {

  private Signers() {}

  /**
   * Loads keys and passphrases.
   *
   * @throws KeyFormatException if one of them cannot be read, the key cannot sign models, or the
   *     certificates do not go with it
   */
  public static Signer load(SigningSettings settings) throws KeyFormatException {
    if (settings instanceof CertificateSigningSettings certificates) {
      return CertificateSigner.load(certificates);
    }
    return KeySigner.load((KeySigningSettings) settings);
  }
}
