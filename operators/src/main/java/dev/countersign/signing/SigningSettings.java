package dev.countersign.signing;

import java.io.Serializable;
import java.util.List;

/**
 * How models are signed and where the key is kept. Only places of secrets are named here, so this
 * may travel in a job; the key is loaded on the machine that signs.
 */
public sealed interface SigningSettings extends Serializable
    permits KeySigningSettings, CertificateSigningSettings, SigstoreSigningSettings {

  /**
   * Returns what distinguishes the signer from others as far as this can be said without its key:
   * texts, and lists of bytes. It holds no secret.
   */
  List<Object> identity();
}
