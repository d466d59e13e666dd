package dev.countersign.signing;

import dev.countersign.keys.PassphraseSource;

/**
 * Signs with a bare private key (method key). Only places are named here; the key is loaded on the
 * machine that signs.
 *
 * @param privateKeyPath a PEM file or PKCS#12 key store on the local disk, absolute
 * @param passphrase where the passphrase is kept that opens it
 */
public record KeySigningSettings(String privateKeyPath, PassphraseSource passphrase)
    implements SigningSettings {}
