package dev.countersign.keys;

import dev.countersign.remedy.Remedy;
import dev.countersign.text.Message;
import java.nio.charset.StandardCharsets;
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
    return refuse(ALGORITHMS.getOrDefault(algorithm.getId(), algorithm.getId()), source);
  }

  /**
   * Refuses the PEM blocks of other programs, before anything else is asked of them: their content
   * need not be base64 or DER.
   *
   * @param label of the block
   */
  static void checkLabel(String label, KeySource source) throws KeyFormatException {
    if (label.startsWith("PGP ") && label.endsWith(" KEY BLOCK")) {
      throw ofOpenPgp(source);
    }
    if (label.equals("AGE ENCRYPTED FILE")) {
      throw encryptedWithAge(source);
    }
    if (label.equals("ENCRYPTED SIGSTORE PRIVATE KEY")
        || label.equals("ENCRYPTED COSIGN PRIVATE KEY")) {
      throw ofCosign(source);
    }
  }

  /** Refuses a private key in the form of OpenSSH (its file PROTOCOL.key). */
  static KeyFormatException ofOpenSsh(byte[] content, KeySource source) {
    // The kind of the key is before what may be encrypted.
    String text = new String(content, StandardCharsets.ISO_8859_1);
    boolean isEdwards = text.contains("ssh-ed25519");
    if (text.contains("sk-ssh-ed25519") || text.contains("sk-ecdsa-")) {
      return ofSecurityKey(source);
    }
    if (source.role().isOfCertificates()) {
      return source.refuse("holds a private key in OpenSSH's form", source.role().another());
    }
    if (source.role() == KeySource.Role.PUBLIC_KEY) {
      return source.refuse(
          "holds a private key in OpenSSH's form",
          "Write its public key with: "
              + (isEdwards
                  ? ShellCommand.PUBLIC_KEY_OF_OPENSSH_ED25519_PRIVATE
                  : ShellCommand.PUBLIC_KEY_OF_OPENSSH));
    }
    return isEdwards
        ? source.refuse(
            "holds an Ed25519 key in OpenSSH's form, which neither ssh-keygen nor OpenSSL converts",
            "Make a key of that kind with: " + ShellCommand.MAKE_ED25519)
        : source.refuse(
            "holds a key in OpenSSH's form, and PKCS#8 is needed",
            "Convert a copy of it with: " + ShellCommand.PKCS8_OF_OPENSSH);
  }

  static KeyFormatException ofSecurityKey(KeySource source) {
    return source.refuse(
        "is an OpenSSH key whose private half is in a security key, which signs nothing but logins",
        makeAnother(source));
  }

  static KeyFormatException ofOpenPgp(KeySource source) {
    return source.refuse(
        "holds an OpenPGP key, with which models cannot be signed", makeAnother(source));
  }

  static KeyFormatException encryptedWithAge(KeySource source) {
    return source.refuse(
        "is encrypted with age",
        "Decrypt it, without -i IDENTITY if it has a passphrase, with: "
            + ShellCommand.DECRYPT_AGE);
  }

  private static KeyFormatException ofCosign(KeySource source) {
    String problem = "holds a private key that is encrypted as cosign does it";
    return switch (source.role()) {
      case PRIVATE_KEY ->
          source.refuse(
              problem + ", and cosign does not export it",
              "Make a key that both can use with: " + ShellCommand.MAKE_EC_FOR_COSIGN);
      case PUBLIC_KEY ->
          source.refuse(problem, "Write its public key with: " + ShellCommand.PUBLIC_KEY_OF_COSIGN);
      default -> source.refuse(problem, makeAnother(source));
    };
  }

  /** Returns the remedy for a key that nothing converts. */
  static Remedy makeAnother(KeySource source) {
    return switch (source.role()) {
      case PRIVATE_KEY -> Remedy.text("Make another key with: " + ShellCommand.MAKE_EC);
      case PUBLIC_KEY -> Remedy.text("Name the public key of an EC, RSA or Ed25519 pair, in PEM.");
      default -> source.role().another();
    };
  }

  /** Refuses a PEM block whose label alone says that the key is none of ours. */
  static KeyFormatException ofLabel(String label, KeySource source) {
    return refuse(label.substring(0, Math.max(label.indexOf(' '), 0)), source);
  }

  private static KeyFormatException refuse(String algorithm, KeySource source) {
    return source.refuse(
        "holds a key of the algorithm " + algorithm + ", with which models cannot be signed",
        Message.of(
            "Use an EC key on %s, an RSA key of %d to %d bits or an Ed25519 key; generate-key-pair"
                + " makes an EC key.",
            EcCurve.names(), RsaKeyParts.MIN_BITS, RsaKeyParts.MAX_BITS));
  }
}
