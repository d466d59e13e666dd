package dev.countersign.signing;

import dev.countersign.keys.PassphraseSource;
import java.io.Serializable;

/**
 * How models are signed and where the key is kept. Only places of secrets are named here, so this
 * may travel in a job; the key is loaded on the machine that signs.
 */
public sealed interface SigningSettings extends Serializable
    permits KeySigningSettings, CertificateSigningSettings {

  /**
   * Returns the file with the private key on the local disk of the machine that signs, absolute.
   */
  String privateKeyPath();

  /** Returns where the passphrase is kept that opens it. */
  PassphraseSource passphrase();
}
