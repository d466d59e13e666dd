package dev.countersign.keys;

import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;

/** What a file in DER holds, told by its outermost elements. */
enum DerKind {
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

  /** Returns what the bytes are. */
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
