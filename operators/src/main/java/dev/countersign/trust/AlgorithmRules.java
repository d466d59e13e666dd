package dev.countersign.trust;

import dev.countersign.keys.RsaKeyParts;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.operator.DefaultDigestAlgorithmIdentifierFinder;

/** Which keys and signature algorithms are strong enough to rely on. */
final class AlgorithmRules {

  static final int MIN_RSA_BITS = 2048;

  /** Twice what any public authority uses. */
  static final int MAX_RSA_BITS = 8192;

  /** As strong as RSA of 2048 bits (NIST SP 800-57, part 1, section 5.6.1). */
  private static final int MIN_EC_BITS = 224;

  /** Digests without known collisions: MD2, MD5 and SHA-1 are not among them. */
  private static final Set<ASN1ObjectIdentifier> STRONG_DIGESTS =
      Set.of(
          NISTObjectIdentifiers.id_sha224,
          NISTObjectIdentifiers.id_sha256,
          NISTObjectIdentifiers.id_sha384,
          NISTObjectIdentifiers.id_sha512,
          NISTObjectIdentifiers.id_sha512_224,
          NISTObjectIdentifiers.id_sha512_256,
          NISTObjectIdentifiers.id_sha3_224,
          NISTObjectIdentifiers.id_sha3_256,
          NISTObjectIdentifiers.id_sha3_384,
          NISTObjectIdentifiers.id_sha3_512,
          NISTObjectIdentifiers.id_shake256,
          NISTObjectIdentifiers.id_shake256_len);

  private AlgorithmRules() {}

  private static boolean isStrong(ECPublicKey key) {
    return key.getParams().getCurve().getField() instanceof ECFieldFp
        && key.getParams().getOrder().bitLength() >= MIN_EC_BITS;
  }

  /**
   * Returns what is wrong with a certificate's key, as the rest of a sentence about the
   * certificate; empty if it is strong enough.
   */
  static Optional<String> faultOfKey(X509Certificate certificate) {
    PublicKey key = certificate.getPublicKey();
    if (key instanceof RSAPublicKey rsa) {
      int bits = rsa.getModulus().bitLength();
      return bits >= MIN_RSA_BITS
          ? costOfKey(key)
          : Optional.of("has an RSA key of " + bits + " bits, and " + MIN_RSA_BITS + " are needed");
    }
    return key instanceof EdECPublicKey || (key instanceof ECPublicKey ec && isStrong(ec))
        ? Optional.empty()
        : Optional.of(
            "has a key that cannot be relied on ("
                + OtherCurves.algorithm(certificate)
                + "); RSA, EdDSA and EC on a named curve over a prime field with an order of "
                + MIN_EC_BITS
                + " bits or more can");
  }

  /**
   * Returns why no signature is checked with a key, as the rest of a sentence about its
   * certificate; empty if one may be. A key that a bundle brings could take seconds otherwise.
   */
  static Optional<String> costOfKey(PublicKey key) {
    if (!(key instanceof RSAPublicKey rsa)) {
      return Optional.empty();
    }
    int bits = rsa.getModulus().bitLength();
    return bits > MAX_RSA_BITS
        ? Optional.of("has an RSA key of " + bits + " bits, and " + MAX_RSA_BITS + " is the limit")
        : RsaKeyParts.faultOfExponent(rsa.getPublicExponent())
            .map(fault -> "has an RSA key " + fault);
  }

  /**
   * Returns what is wrong with the signature on a certificate, as the rest of a sentence about the
   * certificate; empty if its algorithm is strong enough.
   */
  static Optional<String> faultOfSignature(X509Certificate certificate) {
    return signatureAlgorithm(certificate)
            .flatMap(AlgorithmRules::digestOf)
            .map(AlgorithmRules::isStrongDigest)
            .orElse(false)
        ? Optional.empty()
        : Optional.of(
            "is signed with "
                + certificate.getSigAlgName()
                + ", which is broken or unknown; SHA-256 or better is needed");
  }

  /** Returns whether a digest, such as a signature is over, is free of known collisions. */
  static boolean isStrongDigest(ASN1ObjectIdentifier digest) {
    return STRONG_DIGESTS.contains(digest);
  }

  /** Returns the digest that a signature algorithm says it is over; empty if it says none. */
  static Optional<ASN1ObjectIdentifier> digestOf(AlgorithmIdentifier signature) {
    return Optional.ofNullable(DefaultDigestAlgorithmIdentifierFinder.INSTANCE.find(signature))
        .map(AlgorithmIdentifier::getAlgorithm);
  }

  private static Optional<AlgorithmIdentifier> signatureAlgorithm(X509Certificate certificate) {
    try {
      return Optional.of(new JcaX509CertificateHolder(certificate).getSignatureAlgorithm());
    } catch (CertificateEncodingException | RuntimeException e) {
      return Optional.empty();
    }
  }
}
