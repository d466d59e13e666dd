package dev.countersign.keys;

import java.nio.charset.StandardCharsets;

/** Says what a file without any PEM block seems to be, and how to make a PEM file of it. */
final class UnknownKeyText {

  private UnknownKeyText() {}

  static KeyFormatException refuse(byte[] text, KeySource source) {
    String start =
        new String(text, 0, Math.min(text.length, 64), StandardCharsets.ISO_8859_1).strip();
    if (start.isEmpty()) {
      return source.refuse("is empty", nameAnother(source));
    }
    if (start.startsWith("\u00ff\u00fe") || start.startsWith("\u00fe\u00ff")) {
      return source.refuse(
          "is UTF-16 text, as some shells write when output is redirected",
          "Save it as plain ASCII or UTF-8.");
    }
    if (start.startsWith("ssh-") || start.startsWith("ecdsa-sha2-")) {
      return source.refuse(
          "is in OpenSSH's form, and PEM is needed",
          source.role().isOfCertificates()
              ? nameAnother(source)
              : "Convert it with: ssh-keygen -e -m PKCS8 -f FILE");
    }
    if (text[0] == 0x30) {
      return ofDer(text, source);
    }
    return source.refuse(
        "has no PEM block, a part between lines BEGIN and END", nameAnother(source));
  }

  private static KeyFormatException ofDer(byte[] der, KeySource source) {
    if (Pkcs12Store.isOne(der)) {
      return source.refuse(
          "is not PEM text, but a PKCS#12 key store",
          source.role().isOfCertificates()
              ? "Take the certificates out with: openssl pkcs12 -in FILE -nokeys -out CERT.pem"
              : "Take the certificate out with: openssl pkcs12 -in FILE -nokeys -clcerts -out CERT.pem;"
                  + " then openssl x509 -in CERT.pem -pubkey -noout prints its public key.");
    }
    return source.refuse(
        "is not PEM text; it looks like DER",
        "Convert it with: "
            + switch (source.role()) {
              case PRIVATE_KEY -> "openssl pkey -inform DER -in FILE -out KEY.pem";
              case SIGNING_CERTIFICATE, CERTIFICATE_CHAIN, TSA_CERTIFICATE_CHAIN ->
                  "openssl x509 -inform DER -in FILE -out CERT.pem";
              case PUBLIC_KEY, PASSPHRASE_FILE, PASSPHRASE_VARIABLE ->
                  "openssl pkey -pubin -inform DER -in FILE -out KEY.pem";
            });
  }

  private static String nameAnother(KeySource source) {
    return source.role().isOfCertificates()
        ? "Name a PEM file that holds a certificate."
        : "Name a PEM file, or make one with generate-key-pair.";
  }
}
