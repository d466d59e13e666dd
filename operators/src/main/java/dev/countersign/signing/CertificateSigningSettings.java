package dev.countersign.signing;

import dev.countersign.keys.PassphraseSource;
import java.util.List;

/**
 * Signs with a private key and certificates of its public key (method certificate).
 *
 * @param key where the private key is kept
 * @param own in DER: the signer's certificate, perhaps with more behind it; empty if it is in the
 *     key store that holds the private key
 * @param chain in DER: the certificates above it
 */
public record CertificateSigningSettings(KeyPlace key, List<byte[]> own, List<byte[]> chain)
    implements SigningSettings {

  /** Copies the lists. */
  public CertificateSigningSettings {
    own = List.copyOf(own);
    chain = List.copyOf(chain);
  }

  /** Signs with a key in a file. */
  public CertificateSigningSettings(
      String privateKeyPath, PassphraseSource passphrase, List<byte[]> own, List<byte[]> chain) {
    this(new KeyFilePlace(privateKeyPath, passphrase), own, chain);
  }

  @Override
  public List<Object> identity() {
    return List.of(key.name(), own, chain);
  }
}
