package dev.countersign.keys;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Printable;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A private key with the certificates of its public key, as they go into bundles.
 *
 * @param pair the key pair
 * @param chain the key's own certificate, then those above it in the caller's order, each once
 */
public record CertifiedKey(KeyPair pair, List<X509Certificate> chain) {

  /** Copies the list. */
  public CertifiedKey {
    chain = List.copyOf(chain);
  }

  /**
   * Joins a key and its certificates.
   *
   * @param material the key, with the certificates of its store
   * @param own certificates in DER, the key's own first; empty: the store has it
   * @param above more certificates in DER, those above it
   * @param keyFile how messages name the key: its path
   * @throws KeyFormatException if there is no certificate, or the first one is of another key
   */
  public static CertifiedKey of(
      KeyMaterial material, List<byte[]> own, List<byte[]> above, String keyFile)
      throws KeyFormatException {
    KeySource source = new KeySource(KeySource.Role.PRIVATE_KEY, keyFile);
    Set<X509Certificate> chain =
        new LinkedHashSet<>(own.isEmpty() ? material.certificates() : Certificates.ofTaken(own));
    if (chain.isEmpty()) {
      throw source.refuse(
          "comes without a certificate",
          Remedy.of(
              "Name the certificate of the key with %s, or give a PKCS#12 key store that has it.",
              Setting.SIGNING_CERTIFICATE));
    }
    X509Certificate certificate = chain.iterator().next();
    if (!Arrays.equals(
        certificate.getPublicKey().getEncoded(), material.pair().getPublic().getEncoded())) {
      throw source.refuse(
          "is not the key of the certificate \""
              + Printable.of(certificate.getSubjectX500Principal().getName())
              + "\"",
          Remedy.of(
              "Give the certificate that was made for this key to %s; if its file holds several,"
                  + " that one must be the first.",
              Setting.SIGNING_CERTIFICATE));
    }
    chain.addAll(Certificates.ofTaken(above));
    return new CertifiedKey(material.pair(), new ArrayList<>(chain));
  }

  /** Returns the key's own certificate. */
  public X509Certificate certificate() {
    return chain.get(0);
  }

  /** Returns the chain in DER. */
  public List<byte[]> encoded() {
    return chain.stream().map(Certificates::encoded).toList();
  }

  /** Returns the kind of the key and the number of certificates, and nothing of the key. */
  @Override
  public String toString() {
    return new KeyMaterial(pair, chain).toString();
  }
}
