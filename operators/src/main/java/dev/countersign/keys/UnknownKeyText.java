package dev.countersign.keys;

import java.nio.charset.StandardCharsets;

/** Says what a file without any PEM block seems to be, and how to make a PEM file of it. */
final class UnknownKeyText {

  private UnknownKeyText() {}

  static KeyFormatException refuse(byte[] text, KeySource source) {
    String start =
        new String(text, 0, Math.min(text.length, 64), StandardCharsets.ISO_8859_1).strip();
    if (start.isEmpty()) {
      return source.refuse("is empty", "Name a PEM file, or make one with generate-key-pair.");
    }
    if (start.startsWith("\u00ff\u00fe") || start.startsWith("\u00fe\u00ff")) {
      return source.refuse(
          "is UTF-16 text, as some shells write when output is redirected",
          "Save it as plain ASCII or UTF-8.");
    }
    if (start.startsWith("ssh-") || start.startsWith("ecdsa-sha2-")) {
      return source.refuse(
          "is in OpenSSH's form, and PEM is needed",
          "Convert it with: ssh-keygen -e -m PKCS8 -f FILE");
    }
    if (text[0] == 0x30) {
      return source.refuse(
          "is not PEM text; it looks like DER",
          source.role() == KeySource.Role.PRIVATE_KEY
              ? "Convert it with: openssl pkey -inform DER -in FILE -out KEY.pem"
              : "Convert it with: openssl pkey -pubin -inform DER -in FILE -out KEY.pem");
    }
    return source.refuse(
        "has no PEM block, a part between lines BEGIN and END",
        "Name a PEM file, or make one with generate-key-pair.");
  }
}
