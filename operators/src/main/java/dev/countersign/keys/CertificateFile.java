package dev.countersign.keys;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Message;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Certificates in a PEM file (RFC 7468, section 5), with text around them or without. */
public final class CertificateFile {

  /** An operating system's whole store of certificates has 150 to 400. */
  private static final int MAX_CERTIFICATES = 10_000;

  /** What a file of certificates is for. */
  public enum Use {
    /** The certificate that goes with a private key, and maybe some of those above it. */
    SIGNING_CERTIFICATE(KeySource.Role.SIGNING_CERTIFICATE),
    /** Certificates above the signer's: those that go into a bundle, or those that are trusted. */
    CERTIFICATE_CHAIN(KeySource.Role.CERTIFICATE_CHAIN),
    /** Certificates of timestamp authorities that are trusted. */
    TSA_CERTIFICATE_CHAIN(KeySource.Role.TSA_CERTIFICATE_CHAIN),
    /** Certificates of authorities whose TLS certificates are accepted. */
    TLS_AUTHORITIES(KeySource.Role.TLS_AUTHORITIES);

    private final KeySource.Role role;

    Use(KeySource.Role role) {
      this.role = role;
    }
  }

  private CertificateFile() {}

  /**
   * Reads a file of certificates from the local disk.
   *
   * @param path the file
   * @return the certificates in the order of the file, at least one
   * @throws KeyFormatException as {@link #read} does, and if the file cannot be read
   */
  public static List<X509Certificate> load(String path, Use use) throws KeyFormatException {
    byte[] pem = new KeySource(use.role, path).read();
    try {
      return read(pem, path, use);
    } finally {
      Arrays.fill(pem, (byte) 0);
    }
  }

  /**
   * Reads certificates from a PEM text.
   *
   * @param pem the text, at most 32 MiB, or 1 MiB for a signing certificate; not kept
   * @param source how messages name it: the path, as a rule
   * @return the certificates in the order of the text, from one to 10,000
   * @throws KeyFormatException if the text holds no certificate, too many, one that cannot be read,
   *     or one in OpenSSL's own form; or, other than beside a signing certificate, a private key:
   *     such files are handed about freely, so that must not pass unnoticed
   */
  public static List<X509Certificate> read(byte[] pem, String source, Use use)
      throws KeyFormatException {
    KeySource where = new KeySource(use.role, source);
    List<PemBlock> blocks = PemReader.read(pem, where);
    try {
      return decode(certificates(blocks, use, where), where);
    } finally {
      blocks.forEach(PemBlock::wipe);
    }
  }

  /** Returns certificates as OpenSSL writes them, one after the other; empty text for none. */
  public static String pem(List<X509Certificate> certificates) {
    StringBuilder text = new StringBuilder();
    for (X509Certificate certificate : certificates) {
      byte[] block = PemBlock.write(PemBlock.CERTIFICATE, Certificates.encoded(certificate));
      text.append(new String(block, StandardCharsets.US_ASCII));
    }
    return text.toString();
  }

  /** Returns a certificate request (PKCS#10) in DER as OpenSSL writes it. */
  public static String requestPem(byte[] der) {
    return new String(PemBlock.write(PemBlock.CERTIFICATE_REQUEST, der), StandardCharsets.US_ASCII);
  }

  private static List<PemBlock> certificates(List<PemBlock> blocks, Use use, KeySource source)
      throws KeyFormatException {
    List<PemBlock> found =
        blocks.stream()
            .filter(block -> block.is(PemBlock.CERTIFICATE) || block.is(PemBlock.OLD_CERTIFICATE))
            .toList();
    if (blocks.stream().anyMatch(block -> block.is(PemBlock.TRUSTED_CERTIFICATE))) {
      throw source.refuse(
          "holds a TRUSTED CERTIFICATE, which is OpenSSL's own form",
          "Convert it with: " + ShellCommand.CERTIFICATES_OF_TRUSTED);
    }
    boolean besideItsKey = use == Use.SIGNING_CERTIFICATE && !found.isEmpty();
    if (!besideItsKey && blocks.stream().anyMatch(PemBlock::isPrivateKey)) {
      throw source.refuse(
          "holds a private key",
          Remedy.of(
              "Give certificates to %s; a private key is for %s, and not for files that are handed"
                  + " about.",
              use.role.setting(), Setting.PRIVATE_KEY));
    }
    if (found.size() > MAX_CERTIFICATES) {
      throw source.refuse(
          "holds " + found.size() + " certificates, and the limit is " + MAX_CERTIFICATES,
          "Keep those that are needed.");
    }
    if (found.isEmpty()) {
      throw noCertificate(blocks, use, source);
    }
    return found;
  }

  private static KeyFormatException noCertificate(
      List<PemBlock> blocks, Use use, KeySource source) {
    if (blocks.stream().anyMatch(PemBlock::isPublicKey)) {
      return source.refuse(
          "holds a bare public key",
          Remedy.of(
              "Give certificates to %s; a public key is for %s.",
              use.role.setting(), Setting.PUBLIC_KEY));
    }
    String label = blocks.get(0).label();
    if (label.endsWith("CERTIFICATE REQUEST")) {
      return source.refuse(
          "holds a certificate request, not a certificate",
          Remedy.of(
              "Give %s the certificate that the authority issued for it.", use.role.setting()));
    }
    if (label.equals("PKCS7") || label.equals("CMS")) {
      return source.refuse(
          "holds certificates in the form of PKCS#7",
          "Convert it with: "
              + (label.equals("CMS")
                  ? ShellCommand.CERTIFICATES_OF_CMS
                  : ShellCommand.CERTIFICATES_OF_PKCS7));
    }
    return source.refuse(
        "holds no certificate, but " + label,
        Remedy.of("Give certificates to %s.", use.role.setting()));
  }

  private static List<X509Certificate> decode(List<PemBlock> blocks, KeySource source)
      throws KeyFormatException {
    List<X509Certificate> certificates = new ArrayList<>(blocks.size());
    for (PemBlock block : blocks) {
      try {
        certificates.add(CertificateDecoder.decode(block.der()));
      } catch (CertificateException e) {
        throw source.refuse(
            Message.of(
                "holds a certificate, number %d, that cannot be used: %s",
                certificates.size() + 1, e.getMessage()),
            CertificateDecoder.unreadableCurve(block.der()).isPresent()
                ? "Have it issued with a key of RSA or on a named curve such as P-256."
                : "The file is damaged; fetch a fresh copy of it.");
      }
    }
    return List.copyOf(certificates);
  }
}
