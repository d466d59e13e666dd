package dev.countersign.pkcs11;

import dev.countersign.keys.EcCurve;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.PassphraseSource;
import dev.countersign.remedy.Remedy;
import dev.countersign.text.Message;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.DigestInfo;

/**
 * A private key in a token, with its public key. The private key never leaves the token: what is to
 * be signed is hashed here, and the token signs the digest. Thread safe.
 */
public final class TokenKey implements AutoCloseable {

  /** Signed when a key is opened, to see whether it signs and which public key belongs to it. */
  private static final byte[] PROBE =
      "Countersign checks a key of a token".getBytes(StandardCharsets.US_ASCII);

  private final Pkcs11Uri uri;
  private final Cryptoki module;
  private final Token token;
  private final long handle;
  private final PublicKey publicKey;

  /** If the key asks for it at each signature, as some cards do; otherwise empty. */
  private final Optional<char[]> pin;

  private TokenKey(
      Pkcs11Uri uri,
      Cryptoki module,
      Token token,
      long handle,
      PublicKey publicKey,
      Optional<char[]> pin) {
    this.uri = uri;
    this.module = module;
    this.token = token;
    this.handle = handle;
    this.publicKey = publicKey;
    this.pin = pin;
  }

  /**
   * Logs in to the token on this machine and finds the key.
   *
   * @param folders where a module that the URI names without its path is searched for; empty: where
   *     systems install modules
   * @param pin where the PIN is kept, if not where the URI says
   * @param certified the public key if the caller knows it, in case the token does not have it
   * @throws Pkcs11Exception if module, token or key are not there or cannot be used
   * @throws KeyFormatException if the PIN cannot be read, or models cannot be signed with the key
   */
  public static TokenKey open(
      Pkcs11Uri uri, List<String> folders, PassphraseSource pin, Optional<PublicKey> certified)
      throws Pkcs11Exception, KeyFormatException {
    Path module = ModuleFile.find(uri, folders);
    return open(JdkCryptoki.load(module), module.toString(), uri, pin, certified);
  }

  static TokenKey open(
      Cryptoki module,
      String moduleFile,
      Pkcs11Uri uri,
      PassphraseSource pin,
      Optional<PublicKey> certified)
      throws Pkcs11Exception, KeyFormatException {
    PassphraseSource place =
        uri.pinFile().isEmpty() ? pin : PassphraseSource.pin(uri.pinFile(), "");
    long slot = Slots.find(module, uri, moduleFile);
    Optional<char[]> secret = place.load();
    try {
      Token token = Token.acquire(module, moduleFile, slot, secret, place.name());
      try {
        TokenKey key = find(uri, module, token, secret, certified);
        key.requirePair();
        return key;
      } catch (Pkcs11Exception | KeyFormatException | RuntimeException e) {
        token.release();
        throw e;
      }
    } finally {
      secret.ifPresent(characters -> Arrays.fill(characters, '\0'));
    }
  }

  private static TokenKey find(
      Pkcs11Uri uri,
      Cryptoki module,
      Token token,
      Optional<char[]> pin,
      Optional<PublicKey> certified)
      throws Pkcs11Exception, KeyFormatException {
    return token.use(
        "does not show its keys",
        session -> {
          KeyObjects objects = new KeyObjects(module, session, uri);
          long key = objects.privateKey();
          boolean asks =
              module.number(session, key, Cryptoki.CKA_ALWAYS_AUTHENTICATE).orElse(0L) != 0;
          return new TokenKey(
              uri,
              module,
              token,
              key,
              objects.publicKey(key, certified),
              asks ? pin.map(Token::bytes) : Optional.empty());
        });
  }

  /** Bundles of another key's name would verify nowhere. */
  private void requirePair() throws Pkcs11Exception {
    byte[] signature = sign(PROBE);
    try {
      Signature verifier = Signature.getInstance(algorithm());
      verifier.initVerify(publicKey);
      verifier.update(PROBE);
      if (verifier.verify(signature)) {
        return;
      }
    } catch (GeneralSecurityException e) {
      // No signature in form: not one of this key's either.
    }
    throw new Pkcs11Exception(
        Message.of(
            "The private key that %s names does not belong to the public key or certificate of"
                + " the same id or label.",
            uri),
        Remedy.text("Name the key by its id, or give the token the right public key."));
  }

  private String algorithm() {
    return publicKey instanceof ECPublicKey ec ? curve(ec).signatureAlgorithm() : "SHA256withRSA";
  }

  /** Returns the public key. */
  public PublicKey publicKey() {
    return publicKey;
  }

  /**
   * Returns a signature: ECDSA with the curve's hash, in DER, or RSA with PKCS#1 v1.5 and SHA-256.
   * May wait for the token.
   *
   * @param message not changed, not kept
   * @throws Pkcs11Exception if the token does not sign
   */
  public byte[] sign(byte[] message) throws Pkcs11Exception {
    if (publicKey instanceof ECPublicKey ec) {
      byte[] digest = digest(curve(ec).digestAlgorithm(), message);
      return der(token.use("does not sign", session -> sign(session, Cryptoki.CKM_ECDSA, digest)));
    }
    byte[] info = digestInfo(digest("SHA-256", message));
    return token.use("does not sign", session -> sign(session, Cryptoki.CKM_RSA_PKCS, info));
  }

  private byte[] sign(long session, long mechanism, byte[] data) throws CryptokiException {
    return module.sign(session, mechanism, handle, data, pin);
  }

  private static EcCurve curve(ECPublicKey key) {
    return EcCurve.of(key).orElseThrow(() -> new IllegalStateException("Not one of our curves"));
  }

  private static byte[] digest(String algorithm, byte[] message) {
    try {
      return MessageDigest.getInstance(algorithm).digest(message);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This JVM has no " + algorithm, e);
    }
  }

  private static byte[] digestInfo(byte[] digest) {
    try {
      return new DigestInfo(
              new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256, DERNull.INSTANCE), digest)
          .getEncoded("DER");
    } catch (IOException e) {
      throw new IllegalStateException("A digest cannot be encoded", e);
    }
  }

  /** Tokens give both numbers one after the other, in the same number of bytes. */
  private static byte[] der(byte[] numbers) {
    int half = numbers.length / 2;
    BigInteger r = new BigInteger(1, Arrays.copyOfRange(numbers, 0, half));
    BigInteger s = new BigInteger(1, Arrays.copyOfRange(numbers, half, numbers.length));
    try {
      return new DERSequence(new ASN1Encodable[] {new ASN1Integer(r), new ASN1Integer(s)})
          .getEncoded("DER");
    } catch (IOException e) {
      throw new IllegalStateException("A signature cannot be encoded", e);
    }
  }

  /** Ends the session with the token, unless others of this process use it. */
  @Override
  public void close() {
    pin.ifPresent(characters -> Arrays.fill(characters, '\0'));
    token.release();
  }

  /** Returns the URI up to its query. */
  @Override
  public String toString() {
    return "TokenKey[" + uri + "]";
  }
}
