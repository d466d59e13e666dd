package dev.countersign.keys;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What a private key file holds to sign with.
 *
 * @param pair the key pair; the public key was computed of the private one
 * @param certificates the chain that a key store holds for the key: the key's own certificate, then
 *     those above it as far as they are there; empty if there is none for the key, as in every PEM
 *     file
 */
public record KeyMaterial(KeyPair pair, List<X509Certificate> certificates) {

  /** Copies the list. */
  public KeyMaterial {
    certificates = List.copyOf(certificates);
  }

  /** Returns the kind of the key and the number of certificates, and nothing of the key. */
  @Override
  public String toString() {
    return "KeyMaterial["
        + pair.getPublic().getAlgorithm()
        + " key, "
        + certificates.size()
        + " certificates]";
  }
}
