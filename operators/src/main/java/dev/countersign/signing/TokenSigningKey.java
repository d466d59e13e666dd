package dev.countersign.signing;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.pkcs11.Pkcs11Exception;
import dev.countersign.pkcs11.TokenKey;
import java.security.PublicKey;
import java.util.Optional;

/** A private key in a PKCS#11 token, which signs where it is. */
record TokenSigningKey(TokenKey key) implements SigningKey {

  /**
   * Opens a token.
   *
   * @param certified the public key if it is known, in case the token does not have it
   */
  static TokenSigningKey open(TokenKeyPlace place, Optional<PublicKey> certified)
      throws KeyFormatException, SigningException {
    try {
      return new TokenSigningKey(
          TokenKey.open(place.uri(), place.moduleFolders(), place.pin(), certified));
    } catch (Pkcs11Exception e) {
      throw new SigningException(e.problem(), e.remedy(), e);
    }
  }

  @Override
  public PublicKey publicKey() {
    return key.publicKey();
  }

  @Override
  public byte[] sign(byte[] pae) throws SigningException {
    try {
      return key.sign(pae);
    } catch (Pkcs11Exception e) {
      throw new SigningException(e.problem(), e.remedy(), e, e.isLasting());
    }
  }

  @Override
  public void close() {
    key.close();
  }
}
