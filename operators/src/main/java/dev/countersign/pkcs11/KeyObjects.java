package dev.countersign.pkcs11;

import dev.countersign.keys.CertificateDecoder;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.remedy.Remedy;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * Finds the objects of a key in a token, during one session. A private key need not have a
 * certificate.
 */
final class KeyObjects {

  /** Objects that are looked at, and named in a message. */
  private static final int MAX_OBJECTS = 20;

  private static final ASN1ObjectIdentifier ED448 = new ASN1ObjectIdentifier("1.3.101.113");

  private final Cryptoki module;
  private final long session;
  private final Pkcs11Uri uri;

  KeyObjects(Cryptoki module, long session, Pkcs11Uri uri) {
    this.module = module;
    this.session = session;
    this.uri = uri;
  }

  /**
   * Returns the handle of the private key.
   *
   * @throws Pkcs11Exception if the URI names none, or several; the message lists their labels
   */
  long privateKey() throws CryptokiException, Pkcs11Exception {
    Optional<byte[]> label =
        uri.attribute(Pkcs11Uri.OBJECT).map(text -> text.getBytes(StandardCharsets.UTF_8));
    List<Long> found = find(Cryptoki.CKO_PRIVATE_KEY, label, uri.keyId());
    if (found.size() == 1) {
      return found.get(0);
    }
    if (found.isEmpty()) {
      List<Long> all = find(Cryptoki.CKO_PRIVATE_KEY, Optional.empty(), Optional.empty());
      throw new Pkcs11Exception(
          Message.of(
              "No private key in the token matches %s. %s",
              uri,
              all.isEmpty() ? "It shows no private key." : "Its private keys: " + shown(all) + "."),
          Remedy.text("Check object and id in the URI."));
    }
    throw new Pkcs11Exception(
        Message.of("Several private keys in the token match %s: %s.", uri, shown(found)),
        Remedy.text("Name one of them by its id."));
  }

  /**
   * Returns the public key of a private one: its own object, or else what the private key or a
   * certificate in the token say, or else what the caller knows.
   *
   * @throws Pkcs11Exception if there is none, or the key is not of a kind that signs models here
   */
  PublicKey publicKey(long privateKey, Optional<PublicKey> certified)
      throws CryptokiException, Pkcs11Exception, KeyFormatException {
    long type = module.number(session, privateKey, Cryptoki.CKA_KEY_TYPE).orElse(-1L);
    if (type == Cryptoki.CKK_EC_EDWARDS) {
      throw refuseEdwards(privateKey);
    }
    if (type != Cryptoki.CKK_EC && type != Cryptoki.CKK_RSA) {
      throw refuse(Message.of("of a type that does not sign models (CKK 0x%X)", type));
    }
    for (long candidate : publicObjects(privateKey)) {
      Optional<SubjectPublicKeyInfo> key = publicKey(type, candidate);
      if (key.isPresent()) {
        return decoded(key.get());
      }
    }
    Optional<SubjectPublicKeyInfo> own = publicKey(type, privateKey);
    if (own.isPresent()) {
      return decoded(own.get());
    }
    Optional<PublicKey> inCertificate = inCertificate(privateKey).or(() -> certified);
    if (inCertificate.isPresent()) {
      return decoded(SubjectPublicKeyInfo.getInstance(inCertificate.get().getEncoded()));
    }
    throw new Pkcs11Exception(
        Message.of(
            "The token has the private key that %s names, but neither its public key nor a"
                + " certificate of it.",
            uri),
        Remedy.text(
            "Write the public key to the token, with the same id, or sign with its certificate"
                + " (pkcs11-certificate)."));
  }

  private static Pkcs11Exception refuse(String kind) {
    return new Pkcs11Exception(
        "The key that the PKCS#11 URI names is " + kind + ".",
        Remedy.text("Use an EC key on P-256, P-384 or P-521, or an RSA key of 2048 to 4096 bits."));
  }

  private Pkcs11Exception refuseEdwards(long key) throws CryptokiException {
    Optional<byte[]> curve = module.bytes(session, key, Cryptoki.CKA_EC_PARAMS);
    boolean is448 = false;
    try {
      is448 = curve.isPresent() && ED448.equals(ASN1Primitive.fromByteArray(curve.get()));
    } catch (IOException e) {
      // Some modules name the curve in words.
    }
    return refuse(
        Message.of(
            "an %s key, and models are signed with keys of that kind in files only",
            is448 ? "Ed448" : "Ed25519"));
  }

  /**
   * By the id if the private key has one, since labels need not be unique, or else by the label.
   */
  private List<Long> publicObjects(long privateKey) throws CryptokiException {
    Optional<byte[]> id = attribute(privateKey, Cryptoki.CKA_ID);
    List<Long> found = new ArrayList<>();
    if (id.isPresent()) {
      found.addAll(find(Cryptoki.CKO_PUBLIC_KEY, Optional.empty(), id));
    }
    Optional<byte[]> label = attribute(privateKey, Cryptoki.CKA_LABEL);
    if (found.isEmpty() && label.isPresent()) {
      found.addAll(find(Cryptoki.CKO_PUBLIC_KEY, label, Optional.empty()));
    }
    return found;
  }

  private Optional<SubjectPublicKeyInfo> publicKey(long type, long object)
      throws CryptokiException {
    try {
      if (type == Cryptoki.CKK_RSA) {
        Optional<byte[]> modulus = attribute(object, Cryptoki.CKA_MODULUS);
        Optional<byte[]> exponent = attribute(object, Cryptoki.CKA_PUBLIC_EXPONENT);
        if (modulus.isEmpty() || exponent.isEmpty()) {
          return Optional.empty();
        }
        return Optional.of(
            new SubjectPublicKeyInfo(
                new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                new RSAPublicKey(
                    new BigInteger(1, modulus.get()), new BigInteger(1, exponent.get()))));
      }
      Optional<byte[]> curve = attribute(object, Cryptoki.CKA_EC_PARAMS);
      Optional<byte[]> point = attribute(object, Cryptoki.CKA_EC_POINT);
      if (curve.isEmpty() || point.isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(
          new SubjectPublicKeyInfo(
              new AlgorithmIdentifier(
                  X9ObjectIdentifiers.id_ecPublicKey, ASN1Primitive.fromByteArray(curve.get())),
              point(point.get())));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** PKCS#11 wraps the point into an OCTET STRING; some modules do not. */
  private static byte[] point(byte[] value) {
    try {
      byte[] inner = ASN1OctetString.getInstance(value).getOctets();
      return inner.length % 2 == 1 && inner[0] >= 2 && inner[0] <= 4 ? inner : value;
    } catch (IllegalArgumentException e) {
      return value;
    }
  }

  private Optional<PublicKey> inCertificate(long privateKey) throws CryptokiException {
    Optional<byte[]> id = attribute(privateKey, Cryptoki.CKA_ID);
    if (id.isEmpty()) {
      return Optional.empty();
    }
    for (long certificate : find(Cryptoki.CKO_CERTIFICATE, Optional.empty(), id)) {
      Optional<byte[]> der = attribute(certificate, Cryptoki.CKA_VALUE);
      if (der.isPresent()) {
        try {
          return Optional.of(CertificateDecoder.decode(der.get()).getPublicKey());
        } catch (CertificateException e) {
          // Not of X.509; there may be another.
        }
      }
    }
    return Optional.empty();
  }

  private PublicKey decoded(SubjectPublicKeyInfo key) throws KeyFormatException {
    try {
      return PublicKeyFile.ofDer(key.getEncoded(), uri.name());
    } catch (IOException e) {
      throw new IllegalStateException("A public key cannot be encoded", e);
    }
  }

  /** Returns an attribute that is there and has a value. */
  private Optional<byte[]> attribute(long object, long attribute) throws CryptokiException {
    return module.bytes(session, object, attribute).filter(bytes -> bytes.length > 0);
  }

  private List<Long> find(long objectClass, Optional<byte[]> label, Optional<byte[]> id)
      throws CryptokiException {
    return module.find(session, objectClass, label, id, MAX_OBJECTS);
  }

  private String shown(List<Long> keys) throws CryptokiException {
    List<String> names = new ArrayList<>();
    for (long key : keys) {
      byte[] label = module.bytes(session, key, Cryptoki.CKA_LABEL).orElse(new byte[0]);
      byte[] id = module.bytes(session, key, Cryptoki.CKA_ID).orElse(new byte[0]);
      names.add(
          Message.of(
              "'%s' (id=%s)",
              Printable.of(new String(label, StandardCharsets.UTF_8)),
              HexFormat.of().withPrefix("%").formatHex(id)));
    }
    return String.join(", ", names);
  }
}
