package dev.countersign.keys;

import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;

/** Names the algorithm of a key that is none of ours, and says what to use instead. */
final class UnsupportedKey {

  /** By object identifier: RFC 8017, RFC 8410, RFC 3279, FIPS 204. */
  private static final Map<String, String> ALGORITHMS =
      Map.ofEntries(
          Map.entry("1.2.840.113549.1.1.10", "RSA-PSS"),
          Map.entry("1.3.101.110", "X25519"),
          Map.entry("1.3.101.111", "X448"),
          Map.entry("1.3.101.113", "Ed448"),
          Map.entry("1.2.840.10040.4.1", "DSA"),
          Map.entry("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
          Map.entry("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
          Map.entry("2.16.840.1.101.3.4.3.19", "ML-DSA-87"));

  private UnsupportedKey() {}

  static KeyFormatException ofAlgorithm(ASN1ObjectIdentifier algorithm, KeySource source) {
    String name = ALGORITHMS.get(algorithm.getId());
    return refuse(
        name == null
            ? "a key of the algorithm " + algorithm.getId()
            : "a key of the algorithm " + name,
        source);
  }

  /** Refuses a PEM block whose label alone says that the key is none of ours. */
  static KeyFormatException ofLabel(String label, KeySource source) {
    if (label.startsWith("OPENSSH ")) {
      return source.refuse(
          "holds a key in OpenSSH's form, and PKCS#8 is needed",
          "Convert a copy of it with: ssh-keygen -p -m PKCS8 -f COPY");
    }
    if (label.startsWith("PGP ")) {
      return refuse("an OpenPGP key", source);
    }
    int algorithm = label.indexOf(' ');
    return refuse("a key of the algorithm " + label.substring(0, Math.max(algorithm, 0)), source);
  }

  private static KeyFormatException refuse(String what, KeySource source) {
    return source.refuse(
        "holds " + what + ", with which models cannot be signed",
        "Use an EC key on "
            + EcCurve.names()
            + ", an RSA key of "
            + RsaKeyParts.MIN_BITS
            + " to "
            + RsaKeyParts.MAX_BITS
            + " bits or an Ed25519 key; generate-key-pair makes an EC key.");
  }
}
