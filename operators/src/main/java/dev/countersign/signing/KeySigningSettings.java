package dev.countersign.signing;

import dev.countersign.keys.PassphraseSource;
import java.io.Serializable;

/**
 * Where the private key to sign with is kept. Only places are named here, so this record may travel
 * in a job; the key is loaded on the machine that signs.
 *
 * @param privateKeyPath a PEM file or PKCS#12 key store on the local disk, absolute
 * @param passphrase where the passphrase is kept that opens it
 */
public record KeySigningSettings(String privateKeyPath, PassphraseSource passphrase)
    implements Serializable {}
