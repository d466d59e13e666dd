package dev.countersign.keys;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;

/**
 * One block of a PEM file (RFC 7468).
 *
 * @param label the text between BEGIN and the dashes, such as {@code PUBLIC KEY}
 * @param headers RFC 1421 headers, such as {@code DEK-Info}; empty as a rule
 * @param der the decoded content; not copied, and wiped by {@link #wipe}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PemBlock(String label, Map<String, String> headers, byte[] der) {

  static final String PKCS8 = "PRIVATE KEY";
  static final String ENCRYPTED_PKCS8 = "ENCRYPTED PRIVATE KEY";
  static final String SEC1 = "EC PRIVATE KEY";
  static final String PKCS1 = "RSA PRIVATE KEY";
  static final String OPENSSH = "OPENSSH PRIVATE KEY";
  static final String EC_PARAMETERS = "EC PARAMETERS";
  static final String PUBLIC_KEY = "PUBLIC KEY";
  static final String PKCS1_PUBLIC_KEY = "RSA PUBLIC KEY";
  static final String CERTIFICATE = "CERTIFICATE";
  static final String CERTIFICATE_REQUEST = "CERTIFICATE REQUEST";
  static final String OLD_CERTIFICATE = "X509 CERTIFICATE";
  static final String X509_CRL = "X509 CRL";
  static final String TRUSTED_CERTIFICATE = "TRUSTED CERTIFICATE";

  /**
   * Returns a block as OpenSSL writes it (RFC 7468, section 2): strict, lines of 64 characters, a
   * line feed at the end. The caller wipes it if it is secret.
   */
  static byte[] write(String label, byte[] der) {
    byte[] begin = ("-----BEGIN " + label + "-----\n").getBytes(StandardCharsets.US_ASCII);
    byte[] end = ("\n-----END " + label + "-----\n").getBytes(StandardCharsets.US_ASCII);
    byte[] body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encode(der);
    byte[] pem =
        ByteBuffer.allocate(begin.length + body.length + end.length)
            .put(begin)
            .put(body)
            .put(end)
            .array();
    Arrays.fill(body, (byte) 0);
    return pem;
  }

  boolean is(String wanted) {
    return label.equals(wanted);
  }

  /** Returns whether the block holds a private key of whatever algorithm and form. */
  boolean isPrivateKey() {
    return label.endsWith("PRIVATE KEY") || label.endsWith("PRIVATE KEY BLOCK");
  }

  /** Returns whether the block holds a bare public key of whatever algorithm and form. */
  boolean isPublicKey() {
    return label.endsWith("PUBLIC KEY") || label.endsWith("PUBLIC KEY BLOCK");
  }

  boolean isCertificate() {
    return label.endsWith("CERTIFICATE");
  }

  /** Overwrites the content. */
  void wipe() {
    Arrays.fill(der, (byte) 0);
  }

  /** Returns the label only: the content may be secret. */
  @Override
  public String toString() {
    return "PemBlock[" + label + "]";
  }
}
