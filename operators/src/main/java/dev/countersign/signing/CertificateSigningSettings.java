package dev.countersign.signing;

import dev.countersign.keys.PassphraseSource;
import java.util.List;

/**
 * Signs with a private key and certificates of its public key (method certificate).
 *
 * @param own in DER: the signer's certificate, perhaps with more behind it; empty if it is in the
 *     key store that holds the private key
 * @param chain in DER: the certificates above it
 */
public record CertificateSigningSettings(
    String privateKeyPath, PassphraseSource passphrase, List<byte[]> own, List<byte[]> chain)
    implements SigningSettings {

  /** Copies the lists. */
  public CertificateSigningSettings {
    own = List.copyOf(own);
    chain = List.copyOf(chain);
  }
}
