package dev.countersign.signing;

import dev.countersign.keys.PassphraseSource;

/**
 * A private key in a file.
 *
 * @param path a PEM file or PKCS#12 key store on the local disk, absolute
 * @param passphrase where the passphrase is kept that opens it
 */
public record KeyFilePlace(String path, PassphraseSource passphrase) implements KeyPlace {

  @Override
  public String name() {
    return path;
  }
}
