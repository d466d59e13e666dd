package dev.countersign.pkcs11;

import dev.countersign.keys.EcCurve;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.PassphraseSource;
import dev.countersign.remedy.Remedy;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
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

  /**
   * If the key asks for it at each signature, as some cards do; otherwise empty. Guarded by this.
   */
  private final Optional<char[]> pin;

  /** Guarded by this. */
  private boolean closed;

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
    return open(
        () -> JdkCryptoki.load(module), module.toString(), uri, pin, certified, ModuleCalls.BOUND);
  }

  /**
   * As {@link #open(Pkcs11Uri, List, PassphraseSource, Optional)}.
   *
   * @param loading loads the module
   * @param bound the longest that module or token may take to answer
   */
  static TokenKey open(
      Callable<Cryptoki> loading,
      String moduleFile,
      Pkcs11Uri uri,
      PassphraseSource pin,
      Optional<PublicKey> certified,
      Duration bound)
      throws Pkcs11Exception, KeyFormatException {
    PassphraseSource place =
        uri.pinFile().isEmpty() ? pin : PassphraseSource.pin(uri.pinFile(), "");
    Found found = find(loading, moduleFile, uri, bound);
    ProcessNotes.PinOrigin origin = ProcessNotes.PinOrigin.of(place);
    Optional<char[]> secret = place.load();
    try {
      Token token = Token.acquire(found.module(), moduleFile, found.slot(), secret, origin, bound);
      boolean isUsed = false;
      try {
        TokenKey key = find(uri, found.module(), token, secret, certified);
        try {
          key.requirePair();
          isUsed = true;
          return key;
        } finally {
          if (!isUsed) {
            var unusedFirst = key.wipe();
          }
        }
      } finally {
        if (!isUsed) {
          token.release();
        }
      }
    } finally {
      secret.ifPresent(characters -> Arrays.fill(characters, '\0'));
    }
  }

  /** A module that is loaded, and the slot in which it has the token. */
  private record Found(Cryptoki module, long slot) {}

  private static Found find(
      Callable<Cryptoki> loading, String moduleFile, Pkcs11Uri uri, Duration bound)
      throws Pkcs11Exception {
    try {
      return ModuleCalls.<Found, RuntimeException>within(
          moduleFile,
          bound,
          () -> {
            Cryptoki module = loading.call();
            return new Found(module, Slots.find(module, uri, moduleFile));
          },
          unused -> {},
          () -> {});
    } catch (TimeoutException e) {
      throw Pkcs11Exception.silent("PKCS#11 module " + Printable.of(moduleFile), bound, e);
    } catch (CryptokiException e) {
      throw new IllegalStateException("Loading and searching report their codes", e);
    }
  }

  /**
   * What a token shows of a key.
   *
   * @param asksForPin at each signature
   */
  private record Shown(long handle, PublicKey publicKey, boolean asksForPin) {}

  /** The task makes no copy of the PIN, since nobody would wipe it after the wait was given up. */
  private static TokenKey find(
      Pkcs11Uri uri,
      Cryptoki module,
      Token token,
      Optional<char[]> pin,
      Optional<PublicKey> certified)
      throws Pkcs11Exception, KeyFormatException {
    Shown key =
        token.use(
            "does not show its keys",
            session -> {
              KeyObjects objects = new KeyObjects(module, session, uri);
              long handle = objects.privateKey();
              boolean asks =
                  module.number(session, handle, Cryptoki.CKA_ALWAYS_AUTHENTICATE).orElse(0L) != 0;
              return new Shown(handle, objects.publicKey(handle, certified), asks);
            });
    return new TokenKey(
        uri,
        module,
        token,
        key.handle(),
        key.publicKey(),
        key.asksForPin() ? pin.map(Token::bytes) : Optional.empty());
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

  private byte[] sign(long session, long mechanism, byte[] data)
      throws CryptokiException, Pkcs11Exception {
    Optional<char[]> own = pin();
    try {
      return module.sign(session, mechanism, handle, data, own);
    } finally {
      own.ifPresent(characters -> Arrays.fill(characters, '\0'));
    }
  }

  /** Returns a copy for one signature, since this key may be closed before that is done. */
  private synchronized Optional<char[]> pin() throws Pkcs11Exception {
    if (closed) {
      throw new Pkcs11Exception("The key that " + uri + " names was closed.", Remedy.NONE);
    }
    return pin.map(char[]::clone);
  }

  private synchronized boolean wipe() {
    boolean isFirst = !closed;
    closed = true;
    pin.ifPresent(characters -> Arrays.fill(characters, '\0'));
    return isFirst;
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
    if (wipe()) {
      token.release();
    }
  }

  /** Returns the URI up to its query. */
  @Override
  public String toString() {
    return "TokenKey[" + uri + "]";
  }
}
