package dev.countersign.signing;

import java.io.Serializable;

/**
 * Where a private key is kept. Only places are named here, never a secret, so this may travel in a
 * job; the key is loaded, or its token opened, on the machine that signs.
 */
public sealed interface KeyPlace extends Serializable permits KeyFilePlace, TokenKeyPlace {

  /** Returns what messages and fingerprints of commands call the key: a path or a URI. */
  String name();
}
