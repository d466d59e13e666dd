package dev.countersign.keys;

import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.ASN1BMPString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.pkcs.Attribute;
import org.bouncycastle.asn1.pkcs.AuthenticatedSafe;
import org.bouncycastle.asn1.pkcs.CertBag;
import org.bouncycastle.asn1.pkcs.ContentInfo;
import org.bouncycastle.asn1.pkcs.EncryptedData;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.Pfx;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.SafeBag;

/**
 * A PKCS#12 key store (RFC 7292), opened.
 *
 * <p>Not the JDK's {@code KeyStore}: with a passphrase beyond ASCII that of JDK 17 opens none of
 * OpenSSL's stores, and that of JDK 25 none of the older kind. Bouncy Castle's classes for whole
 * stores do not fit either: {@link Pkcs12Encryption} says why.
 */
final class Pkcs12Store {

  private static final ASN1Integer VERSION = new ASN1Integer(3);

  /** OpenSSL and the JDK write two; each costs a derivation of its key. */
  private static final int MAX_PARTS = 16;

  /** In one chain a verifier takes 16. */
  private static final int MAX_CERTIFICATES = 1_000;

  /** How the decoders of the key name what held it. */
  private static final String LABEL = "PKCS12";

  private final KeySource source;
  private final List<SafeBag> keys = new ArrayList<>();
  private final List<X509Certificate> certificates = new ArrayList<>();

  /** What opens the store; empty if nothing was given and nothing needed it so far. */
  private Optional<char[]> passphrase = Optional.empty();

  /** Whether the passphrase was proved to be the store's. */
  private boolean proved;

  private Pkcs12Store(KeySource source) {
    this.source = source;
  }

  /** Returns whether the bytes look like such a store, as far as a few of them tell. */
  static boolean isOne(byte[] content) {
    if (content.length == 0 || content[0] != 0x30) {
      return false;
    }
    try {
      ASN1Sequence store = ASN1Sequence.getInstance(parse(content));
      return store.size() >= 2
          && VERSION.equals(store.getObjectAt(0))
          && store.getObjectAt(1) instanceof ASN1Sequence;
    } catch (RuntimeException e) {
      return false;
    }
  }

  /**
   * Opens a store, and returns the key that it holds with the key's certificates.
   *
   * @param given what opens it; not kept and not wiped. Without one the empty passphrase is tried,
   *     which some tools take for none
   * @throws KeyFormatException if the store cannot be opened, or holds no key, several, or one that
   *     cannot sign models
   */
  static KeyMaterial open(byte[] content, Optional<char[]> given, KeySource source)
      throws KeyFormatException {
    Pkcs12Store store = new Pkcs12Store(source);
    try {
      store.read(Pfx.getInstance(parse(content)), given);
      return store.onlyKey();
    } catch (CertificateException e) {
      throw source.refuse(
          "holds a certificate that cannot be used: " + e.getMessage(),
          "Write the key store again without it.");
    } catch (RuntimeException e) {
      throw store.unreadable();
    }
  }

  private KeyMaterial onlyKey() throws KeyFormatException {
    if (keys.isEmpty()) {
      throw source.refuse("is a key store without a private key", PrivateKeyFile.GIVE_PRIVATE_KEY);
    }
    if (keys.size() > 1) {
      throw source.refuse(
          Message.of(
              "holds %d private keys (%s), and it is unclear which one to use",
              keys.size(),
              keys.stream().limit(10).map(Pkcs12Store::alias).collect(Collectors.joining(", "))),
          "Keep one key in a key store. Copy the one called NAME with: "
              + ShellCommand.ONE_KEY_OF_PKCS12);
    }
    KeyPair pair = new PrivateKeyDecoder(source, LABEL).ofPkcs8(privateKey(keys.get(0)));
    return new KeyMaterial(pair, chain(pair));
  }

  private void read(Pfx pfx, Optional<char[]> given)
      throws KeyFormatException, CertificateException {
    if (!pfx.getAuthSafe().getContentType().equals(PKCSObjectIdentifiers.data)) {
      throw source.refuse(
          "is a key store that is protected by a signature instead of a passphrase",
          "Write the key and its certificate into one that has a passphrase, with: "
              + ShellCommand.MAKE_PKCS12);
    }
    byte[] content = octets(pfx.getAuthSafe().getContent());
    passphrase = given;
    if (pfx.getMacData() != null) {
      char[] candidate = given.orElse(new char[0]);
      if (!Pkcs12Encryption.proves(pfx.getMacData(), content, candidate, source)) {
        throw given.isPresent()
            ? PrivateKeyFile.wrongPassphrase(source)
            : PrivateKeyFile.noPassphrase(source);
      }
      passphrase = Optional.of(candidate);
      proved = true;
    }
    ContentInfo[] parts = AuthenticatedSafe.getInstance(parse(content)).getContentInfo();
    if (parts.length > MAX_PARTS) {
      throw unreadable();
    }
    for (ContentInfo part : parts) {
      readPart(part);
    }
  }

  private void readPart(ContentInfo part) throws KeyFormatException, CertificateException {
    if (part.getContentType().equals(PKCSObjectIdentifiers.data)) {
      readBags(ASN1Sequence.getInstance(parse(octets(part.getContent()))));
    } else if (part.getContentType().equals(PKCSObjectIdentifiers.encryptedData)) {
      EncryptedData data = EncryptedData.getInstance(part.getContent());
      byte[] opened =
          Pkcs12Encryption.decrypt(
              data.getEncryptionAlgorithm(),
              data.getContent().getOctets(),
              PrivateKeyFile.required(passphrase, source),
              source);
      try {
        readBags(opened(opened));
      } finally {
        Arrays.fill(opened, (byte) 0);
      }
    }
    // A part that is encrypted to somebody's public key holds nothing for us.
  }

  private void readBags(ASN1Sequence bags) throws CertificateException, KeyFormatException {
    for (ASN1Encodable element : bags) {
      SafeBag bag = SafeBag.getInstance(element);
      if (bag.getBagId().equals(PKCSObjectIdentifiers.keyBag)
          || bag.getBagId().equals(PKCSObjectIdentifiers.pkcs8ShroudedKeyBag)) {
        keys.add(bag);
      } else if (bag.getBagId().equals(PKCSObjectIdentifiers.certBag)) {
        CertBag held = CertBag.getInstance(bag.getBagValue());
        if (held.getCertId().equals(PKCSObjectIdentifiers.x509Certificate)) {
          certificates.add(CertificateDecoder.decode(octets(held.getCertValue())));
        }
      }
    }
    if (certificates.size() > MAX_CERTIFICATES) {
      throw source.refuse(
          "holds " + certificates.size() + " certificates, and the limit is " + MAX_CERTIFICATES,
          "Keep the key's own chain in the key store.");
    }
  }

  private PrivateKeyInfo privateKey(SafeBag bag) throws KeyFormatException {
    if (bag.getBagId().equals(PKCSObjectIdentifiers.keyBag)) {
      return PrivateKeyInfo.getInstance(bag.getBagValue());
    }
    EncryptedPrivateKeyInfo info = EncryptedPrivateKeyInfo.getInstance(bag.getBagValue());
    byte[] opened =
        Pkcs12Encryption.decrypt(
            info.getEncryptionAlgorithm(),
            info.getEncryptedData(),
            PrivateKeyFile.required(passphrase, source),
            source);
    try {
      return PrivateKeyInfo.getInstance(opened(opened));
    } finally {
      Arrays.fill(opened, (byte) 0);
    }
  }

  /** Returns what was encrypted; without a proof, bytes of no sense mean a wrong passphrase. */
  private ASN1Sequence opened(byte[] opened) throws KeyFormatException {
    try {
      return ASN1Sequence.getInstance(parse(opened));
    } catch (RuntimeException e) {
      throw proved ? unreadable() : PrivateKeyFile.wrongPassphrase(source);
    }
  }

  /**
   * Returns the certificate of the pair, then those that name it or one another as issuer. Which of
   * them a verifier needs, it finds out by keys; names are only a way to leave strangers out.
   */
  private List<X509Certificate> chain(KeyPair pair) {
    List<X509Certificate> chain = new ArrayList<>();
    byte[] key = pair.getPublic().getEncoded();
    certificates.stream()
        .filter(candidate -> Arrays.equals(candidate.getPublicKey().getEncoded(), key))
        .findFirst()
        .ifPresent(chain::add);
    for (int i = 0; i < chain.size(); i++) {
      X509Certificate below = chain.get(i);
      certificates.stream()
          .filter(
              candidate ->
                  candidate.getSubjectX500Principal().equals(below.getIssuerX500Principal()))
          .filter(candidate -> !chain.contains(candidate))
          .forEach(chain::add);
    }
    return chain;
  }

  private static String alias(SafeBag bag) {
    if (bag.getBagAttributes() != null) {
      for (ASN1Encodable element : bag.getBagAttributes()) {
        Attribute attribute = Attribute.getInstance(element);
        if (attribute.getAttrType().equals(PKCSObjectIdentifiers.pkcs_9_at_friendlyName)
            && attribute.getAttrValues().size() == 1) {
          return Printable.of(
              ASN1BMPString.getInstance(attribute.getAttrValues().getObjectAt(0)).getString());
        }
      }
    }
    return "one without a name";
  }

  private KeyFormatException unreadable() {
    return source.refuse(
        "looks like a PKCS#12 key store, but its content cannot be read",
        "The file is damaged; fetch a fresh copy of it.");
  }

  private static byte[] octets(ASN1Encodable value) {
    return ASN1OctetString.getInstance(value).getOctets();
  }

  private static ASN1Primitive parse(byte[] der) {
    return Der.any(der, KeySource.Role.PRIVATE_KEY.maxBytes());
  }
}
