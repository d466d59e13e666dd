package dev.countersign.signing;

import dev.countersign.keys.PassphraseSource;

/** Signs with a bare private key (method key). */
public record KeySigningSettings(String privateKeyPath, PassphraseSource passphrase)
    implements SigningSettings {}
