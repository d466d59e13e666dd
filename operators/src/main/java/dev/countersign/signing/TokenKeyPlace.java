package dev.countersign.signing;

import dev.countersign.keys.PassphraseSource;
import dev.countersign.pkcs11.Pkcs11Uri;
import java.util.List;

/**
 * A private key in a PKCS#11 token, such as a hardware security module.
 *
 * @param uri names the key, its token and the module that reaches it
 * @param pin where the PIN of the token's user is kept
 * @param moduleFolders where a module that the URI names without its path is searched for; empty:
 *     where systems install modules
 */
public record TokenKeyPlace(Pkcs11Uri uri, PassphraseSource pin, List<String> moduleFolders)
    implements KeyPlace {

  /** Copies the list. */
  public TokenKeyPlace {
    moduleFolders = List.copyOf(moduleFolders);
  }

  @Override
  public String name() {
    return uri.name();
  }
}
