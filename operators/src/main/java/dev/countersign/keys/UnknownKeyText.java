package dev.countersign.keys;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;

/** Says what a file without any PEM block seems to be, and how to make a PEM file of it. */
final class UnknownKeyText {

  /** Of a file of which the first bytes do not tell what it is. */
  private static final int SEARCHED_BYTES = 1 << 12;

  private static final int START_BYTES = 64;

  private static final Pattern INDENTED = Pattern.compile("(?m)^[ \\t]+-----BEGIN ");

  private UnknownKeyText() {}

  static KeyFormatException refuse(byte[] text, KeySource source) {
    String searched =
        new String(text, 0, Math.min(text.length, SEARCHED_BYTES), StandardCharsets.ISO_8859_1);
    String start = searched.substring(0, Math.min(searched.length(), START_BYTES)).strip();
    if (start.isEmpty()) {
      return source.refuse("is empty", source.role().another());
    }
    if (start.startsWith("\u00ff\u00fe") || start.startsWith("\u00fe\u00ff")) {
      return source.refuse(
          "is UTF-16 text, as some shells write when output is redirected",
          "Save it as plain ASCII or UTF-8.");
    }
    if (start.startsWith("ssh-") || start.startsWith("ecdsa-sha2-") || start.startsWith("sk-")) {
      return ofOpenSsh(start, source);
    }
    if (start.startsWith("\u00fe\u00ed\u00fe\u00ed")
        || start.startsWith("\u00ce\u00ce\u00ce\u00ce")) {
      return ofJavaKeyStore(start.charAt(0) == '\u00ce', source);
    }
    if (isOpenPgp(text)) {
      return UnsupportedKey.ofOpenPgp(source);
    }
    if (text[0] == 0x30) {
      return ofDer(text, source);
    }
    return ofText(searched, start, source);
  }

  private static KeyFormatException ofText(String text, String start, KeySource source) {
    if (start.startsWith("age-encryption.org/")) {
      return UnsupportedKey.encryptedWithAge(source);
    }
    if (text.contains("AGE-SECRET-KEY-1") || start.startsWith("age1")) {
      return source.refuse(
          "is an age key, which encrypts and cannot sign", UnsupportedKey.makeAnother(source));
    }
    if (start.startsWith("LS0tLS1CRUdJTi")) {
      return source.refuse(
          "is PEM text that is encoded in base64 once more",
          "Decode it with: " + ShellCommand.DECODE_BASE64);
    }
    if (text.contains("-----BEGIN ") && text.contains("-----\\n")) {
      return source.refuse(
          "is PEM text whose line ends are the characters \\n",
          "Turn them into line ends with: " + ShellCommand.UNESCAPE);
    }
    if (INDENTED.matcher(text).find()) {
      return source.refuse(
          "is PEM text whose lines are indented",
          "Remove the indentation with: " + ShellCommand.UNINDENT);
    }
    return source.refuse(
        "has no PEM block, a part between lines BEGIN and END", source.role().another());
  }

  private static KeyFormatException ofOpenSsh(String start, KeySource source) {
    if (source.role().isOfCertificates()) {
      return source.refuse("is a public key in OpenSSH's form", source.role().another());
    }
    if (start.startsWith("sk-")) {
      return UnsupportedKey.ofSecurityKey(source);
    }
    if (source.role() == KeySource.Role.PRIVATE_KEY) {
      return source.refuse(
          "is a public key in OpenSSH's form",
          Remedy.of("Give the private key of the pair to %s.", Setting.PRIVATE_KEY));
    }
    return source.refuse(
        "is in OpenSSH's form, and PEM is needed",
        "Convert it with: "
            + (start.startsWith("ssh-ed25519 ")
                ? ShellCommand.PUBLIC_KEY_OF_OPENSSH_ED25519
                : ShellCommand.PUBLIC_KEY_OF_OPENSSH));
  }

  private static KeyFormatException ofJavaKeyStore(boolean jceks, KeySource source) {
    String problem = "is a Java key store of type " + (jceks ? "JCEKS" : "JKS");
    if (jceks || source.role() == KeySource.Role.PRIVATE_KEY) {
      return source.refuse(
          problem + ", and PKCS#12 or PEM is needed",
          "Convert it with: "
              + (jceks ? ShellCommand.PKCS12_OF_JCEKS : ShellCommand.PKCS12_OF_JKS));
    }
    return source.refuse(
        problem + ", and PEM is needed",
        source.role().isOfCertificates()
            ? "Take the certificates out with: " + ShellCommand.CERTIFICATES_OF_JKS
            : "Take the public key out with: " + ShellCommand.PUBLIC_KEY_OF_JKS);
  }

  /** The first packet of a transferable key (RFC 9580, section 4.2), in its old and new format. */
  private static boolean isOpenPgp(byte[] content) {
    return switch (content[0] & 0xff) {
      case 0x94, 0x95, 0x98, 0x99 -> true;
      case 0xc5, 0xc6 -> content.length > 2 && (content[2] >= 3 && content[2] <= 6);
      default -> false;
    };
  }

  private static KeyFormatException ofDer(byte[] der, KeySource source) {
    DerKind kind = DerKind.of(der);
    if (kind == DerKind.PKCS12) {
      return ofPkcs12(Pkcs12Encryption.isOfOldCiphers(der), source);
    }
    String problem =
        kind == DerKind.OTHER
            ? "is not PEM text; it looks like DER that is " + kind.noun()
            : "is " + kind.noun() + " in DER, and PEM is needed";
    if (source.role().isOfCertificates()) {
      return source.refuse(
          problem,
          switch (kind) {
            case CERTIFICATE -> convert(ShellCommand.CERTIFICATE_OF_DER);
            case PKCS7 -> convert(ShellCommand.CERTIFICATES_OF_PKCS7_DER);
            default -> source.role().another();
          });
    }
    if (source.role() == KeySource.Role.PRIVATE_KEY) {
      return source.refuse(
          problem,
          switch (kind) {
            case PRIVATE_KEY -> convert(ShellCommand.PRIVATE_KEY_OF_DER);
            case ENCRYPTED_PRIVATE_KEY -> convert(ShellCommand.ENCRYPTED_PRIVATE_KEY_OF_DER);
            case PUBLIC_KEY, CERTIFICATE, PKCS7 ->
                Remedy.of("Give the private key that belongs to it to %s.", Setting.PRIVATE_KEY);
            default -> source.role().another();
          });
    }
    return source.refuse(
        problem,
        switch (kind) {
          case PUBLIC_KEY -> convert(ShellCommand.PUBLIC_KEY_OF_DER);
          case PRIVATE_KEY, ENCRYPTED_PRIVATE_KEY ->
              writePublicKey(ShellCommand.PUBLIC_KEY_OF_PRIVATE_DER);
          case CERTIFICATE -> writePublicKey(ShellCommand.PUBLIC_KEY_OF_CERTIFICATE_DER);
          default -> source.role().another();
        });
  }

  private static KeyFormatException ofPkcs12(boolean old, KeySource source) {
    return source.refuse(
        "is not PEM text, but a PKCS#12 key store",
        source.role().isOfCertificates()
            ? "Take the certificates out with: "
                + (old
                    ? ShellCommand.CERTIFICATES_OF_OLD_PKCS12
                    : ShellCommand.CERTIFICATES_OF_PKCS12)
            : "Take the public key out with: "
                + (old
                    ? ShellCommand.PUBLIC_KEY_OF_OLD_PKCS12
                    : ShellCommand.PUBLIC_KEY_OF_PKCS12));
  }

  private static Remedy convert(ShellCommand command) {
    return Remedy.of("Convert it with: %s", command);
  }

  private static Remedy writePublicKey(ShellCommand command) {
    return Remedy.of("Write its public key with: %s", command);
  }

  /** What a file in DER holds, told by its outermost elements. */
  private enum DerKind {
    PKCS12("a PKCS#12 key store"),
    /** PKCS#7 or CMS (RFC 5652, section 3). */
    PKCS7("a PKCS#7 file"),
    /** RFC 5280, section 4.1. */
    CERTIFICATE("a certificate"),
    /** RFC 5958, section 3. */
    ENCRYPTED_PRIVATE_KEY("an encrypted private key"),
    /** SubjectPublicKeyInfo (RFC 5280, section 4.1), or PKCS#1's. */
    PUBLIC_KEY("a public key"),
    /** PKCS#8, SEC 1 or PKCS#1. */
    PRIVATE_KEY("a private key"),
    OTHER("neither a key nor a certificate");

    private final String noun;

    DerKind(String noun) {
      this.noun = noun;
    }

    static DerKind of(byte[] der) {
      if (Pkcs12Store.isOne(der)) {
        return PKCS12;
      }
      try {
        return of(
            ASN1Sequence.getInstance(Der.any(der, KeySource.Role.CERTIFICATE_CHAIN.maxBytes())));
      } catch (RuntimeException e) {
        return OTHER;
      }
    }

    private static DerKind of(ASN1Sequence sequence) {
      int size = sequence.size();
      ASN1Encodable first = sequence.getObjectAt(0);
      ASN1Encodable second = sequence.getObjectAt(1);
      if (first instanceof ASN1ObjectIdentifier) {
        return PKCS7;
      }
      if (first instanceof ASN1Integer) {
        if (size > 2) {
          return PRIVATE_KEY;
        }
        return second instanceof ASN1Integer ? PUBLIC_KEY : OTHER;
      }
      if (size == 2 && second instanceof ASN1BitString) {
        return PUBLIC_KEY;
      }
      if (size == 2 && second instanceof ASN1OctetString) {
        return ENCRYPTED_PRIVATE_KEY;
      }
      return size == 3 && sequence.getObjectAt(2) instanceof ASN1BitString ? CERTIFICATE : OTHER;
    }

    /** Returns the kind with its article, for messages. */
    String noun() {
      return noun;
    }
  }
}
