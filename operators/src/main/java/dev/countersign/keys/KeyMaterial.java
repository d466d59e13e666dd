package dev.countersign.keys;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A private key with its certificates, if there are any.
 *
 * @param pair the key pair; the public key was computed of the private one
 * @param certificates the key's own certificate, then those above it as far as they are there;
 *     empty if there is none for the key, as in every PEM file
 */
public record KeyMaterial(KeyPair pair, List<X509Certificate> certificates) {

  public KeyMaterial {
    certificates = List.copyOf(certificates);
  }

  /**
   * Returns the key with the certificates that go into its bundles: its own, then those above it in
   * the caller's order, each once.
   *
   * @param own certificates in DER, the key's own first; empty: the key's file has it
   * @param above more certificates in DER, those above it
   * @param keyFile how messages name the key: its path
   * @throws KeyFormatException if there is no certificate, or the first one is of another key
   */
  public KeyMaterial certified(List<byte[]> own, List<byte[]> above, String keyFile)
      throws KeyFormatException {
    KeySource source = new KeySource(KeySource.Role.PRIVATE_KEY, keyFile);
    Set<X509Certificate> chain =
        new LinkedHashSet<>(own.isEmpty() ? certificates : Certificates.ofTaken(own));
    if (chain.isEmpty()) {
      throw source.refuse(
          "comes without a certificate",
          Remedy.of(
              "Name the certificate of the key with %s, or give a PKCS#12 key store that has it.",
              Setting.SIGNING_CERTIFICATE));
    }
    X509Certificate certificate = chain.iterator().next();
    if (!Arrays.equals(certificate.getPublicKey().getEncoded(), pair.getPublic().getEncoded())) {
      throw source.refuse(
          Message.of(
              "is not the key of the certificate \"%s\"",
              Printable.of(certificate.getSubjectX500Principal().getName())),
          Remedy.of(
              "Give the certificate that was made for this key to %s; if its file holds several,"
                  + " that one must be the first.",
              Setting.SIGNING_CERTIFICATE));
    }
    chain.addAll(Certificates.ofTaken(above));
    return new KeyMaterial(pair, List.copyOf(chain));
  }

  /** Returns the kind of the key and the number of certificates, and nothing of the key. */
  @Override
  public String toString() {
    return Message.of(
        "KeyMaterial[%s key, %d certificates]",
        pair.getPublic().getAlgorithm(), certificates.size());
  }
}
