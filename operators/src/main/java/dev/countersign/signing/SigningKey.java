package dev.countersign.signing;

import dev.countersign.keys.KeyFormatException;
import java.security.PublicKey;
import java.util.Optional;

/**
 * A private key that this process can sign with, wherever it is kept, with the algorithm that OMS
 * has for it. Implementations are thread safe.
 */
interface SigningKey extends AutoCloseable {

  /**
   * Loads a key, or opens its token, on this machine.
   *
   * @throws KeyFormatException if a file cannot be read, or the key cannot sign models
   * @throws SigningException if a token cannot be used
   */
  static SigningKey open(KeyPlace place) throws KeyFormatException, SigningException {
    return place instanceof TokenKeyPlace token
        ? TokenSigningKey.open(token, Optional.empty())
        : LoadedKey.of(LoadedKey.load((KeyFilePlace) place).pair());
  }

  /** Returns the public key. */
  PublicKey publicKey();

  /**
   * Returns a signature.
   *
   * @param pae the message; not changed, not kept
   * @throws SigningException if it cannot be signed
   */
  byte[] sign(byte[] pae) throws SigningException;

  /** Lets go of the key; no method may be called after. */
  @Override
  void close();
}
