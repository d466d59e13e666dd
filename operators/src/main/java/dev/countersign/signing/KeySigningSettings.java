package dev.countersign.signing;

import dev.countersign.keys.PassphraseSource;
import java.util.List;

/**
 * Signs with a bare private key (method key).
 *
 * @param key where the private key is kept
 */
public record KeySigningSettings(KeyPlace key) implements SigningSettings {

  /**
   * Signs with a key in a file.
   *
   * @param privateKeyPath a PEM file or PKCS#12 key store on the local disk, absolute
   * @param passphrase where the passphrase is kept that opens it
   */
  public KeySigningSettings(String privateKeyPath, PassphraseSource passphrase) {
    this(new KeyFilePlace(privateKeyPath, passphrase));
  }

  @Override
  public List<Object> identity() {
    return List.of(key.name());
  }
}
