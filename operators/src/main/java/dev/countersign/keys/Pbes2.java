package dev.countersign.keys;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.misc.MiscObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.EncryptionScheme;
import org.bouncycastle.asn1.pkcs.KeyDerivationFunc;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.crypto.generators.SCrypt;

/** Encrypted PKCS#8 under the scheme PBES2 (RFC 8018, section 6.2). */
final class Pbes2 {

  /** The most rounds of a function over and over again: some ten seconds. */
  static final int MAX_ITERATIONS = 20_000_000;

  /** The remedy where OpenSSL does not open the key either: of scrypt it takes 32 MiB at most. */
  private static final String NOT_BY_OPENSSL = "Encrypt it again with the program that made it.";

  private static final int AES_BLOCK_BYTES = 16;

  /** A block cipher in CBC mode; the names are the JDK's. */
  private record CbcCipher(String transformation, String keyAlgorithm, int keyBytes) {}

  private static final CbcCipher AES_256 = new CbcCipher("AES/CBC/PKCS5Padding", "AES", 32);

  private static final Map<ASN1ObjectIdentifier, CbcCipher> CIPHERS =
      Map.of(
          NISTObjectIdentifiers.id_aes128_CBC, new CbcCipher("AES/CBC/PKCS5Padding", "AES", 16),
          NISTObjectIdentifiers.id_aes192_CBC, new CbcCipher("AES/CBC/PKCS5Padding", "AES", 24),
          NISTObjectIdentifiers.id_aes256_CBC, AES_256,
          PKCSObjectIdentifiers.des_EDE3_CBC,
              new CbcCipher("DESede/CBC/PKCS5Padding", "DESede", 24));

  /** Those that OpenSSL 3 knows only when it is asked to: of DES, RC2 and RC4. */
  private static final Set<ASN1ObjectIdentifier> OLD_SCHEMES =
      Set.of(
          PKCSObjectIdentifiers.pbeWithMD2AndDES_CBC,
          PKCSObjectIdentifiers.pbeWithMD2AndRC2_CBC,
          PKCSObjectIdentifiers.pbeWithMD5AndDES_CBC,
          PKCSObjectIdentifiers.pbeWithMD5AndRC2_CBC,
          PKCSObjectIdentifiers.pbeWithSHA1AndDES_CBC,
          PKCSObjectIdentifiers.pbeWithSHA1AndRC2_CBC,
          PKCSObjectIdentifiers.pbeWithSHAAnd128BitRC4,
          PKCSObjectIdentifiers.pbeWithSHAAnd40BitRC4,
          PKCSObjectIdentifiers.pbeWithSHAAnd128BitRC2_CBC,
          PKCSObjectIdentifiers.pbeWithSHAAnd40BitRC2_CBC,
          PKCSObjectIdentifiers.RC2_CBC,
          OIWObjectIdentifiers.desCBC);

  private Pbes2() {}

  /**
   * Returns the content of an encrypted key; the caller wipes it. A wrong passphrase is noticed by
   * the padding, so once in 256 times it gives bytes of no sense instead of an exception.
   */
  static byte[] decrypt(byte[] der, char[] passphrase, KeySource source) throws KeyFormatException {
    EncryptedPrivateKeyInfo info;
    try {
      info = EncryptedPrivateKeyInfo.getInstance(Der.sequence(der));
    } catch (RuntimeException e) {
      throw source.damaged(PemBlock.ENCRYPTED_PKCS8);
    }
    return decrypt(info.getEncryptionAlgorithm(), info.getEncryptedData(), passphrase, source);
  }

  /** Returns what was encrypted under that algorithm, as the other method does. */
  static byte[] decrypt(
      AlgorithmIdentifier algorithm, byte[] encrypted, char[] passphrase, KeySource source)
      throws KeyFormatException {
    PBES2Parameters parameters;
    PasswordKdf kdf;
    CbcCipher cipher;
    byte[] vector;
    try {
      ASN1ObjectIdentifier scheme = algorithm.getAlgorithm();
      if (!scheme.equals(PKCSObjectIdentifiers.id_PBES2)) {
        throw unsupported(scheme, source);
      }
      parameters = PBES2Parameters.getInstance(algorithm.getParameters());
      EncryptionScheme encryption = parameters.getEncryptionScheme();
      cipher = CIPHERS.get(encryption.getAlgorithm());
      if (cipher == null) {
        throw unsupported(encryption.getAlgorithm(), source);
      }
      vector = ASN1OctetString.getInstance(encryption.getParameters()).getOctets();
      kdf = kdf(parameters.getKeyDerivationFunc(), source);
    } catch (RuntimeException e) {
      throw source.damaged(PemBlock.ENCRYPTED_PKCS8);
    }
    byte[] key = kdf.derive(passphrase, cipher.keyBytes());
    try {
      return run(Cipher.DECRYPT_MODE, cipher, key, vector, encrypted);
    } catch (BadPaddingException | IllegalBlockSizeException e) {
      throw PrivateKeyFile.wrongPassphrase(source);
    } catch (GeneralSecurityException e) {
      throw unsupported(parameters.getEncryptionScheme().getAlgorithm(), source);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /**
   * Returns a key encrypted with AES-256 under PBKDF2, which OpenSSL, Python's cryptography and the
   * JDK all open.
   */
  static EncryptedPrivateKeyInfo encrypt(byte[] pkcs8, char[] passphrase) {
    Pbkdf2 kdf = Pbkdf2.random();
    byte[] vector = new byte[AES_BLOCK_BYTES];
    new SecureRandom().nextBytes(vector);
    byte[] key = kdf.derive(passphrase, AES_256.keyBytes());
    try {
      AlgorithmIdentifier scheme =
          new AlgorithmIdentifier(
              PKCSObjectIdentifiers.id_PBES2,
              new PBES2Parameters(
                  kdf.identifier(),
                  new EncryptionScheme(
                      NISTObjectIdentifiers.id_aes256_CBC, new DEROctetString(vector))));
      return new EncryptedPrivateKeyInfo(
          scheme, run(Cipher.ENCRYPT_MODE, AES_256, key, vector, pkcs8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This JVM cannot encrypt with AES-256", e);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private static byte[] run(int mode, CbcCipher spec, byte[] key, byte[] vector, byte[] input)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance(spec.transformation());
    cipher.init(mode, new SecretKeySpec(key, spec.keyAlgorithm()), new IvParameterSpec(vector));
    return cipher.doFinal(input);
  }

  private static KeyFormatException unsupported(ASN1ObjectIdentifier scheme, KeySource source) {
    return unsupported(
        "an algorithm (" + scheme.getId() + ") that is not supported",
        "Encrypt it again with: "
            + (OLD_SCHEMES.contains(scheme)
                ? ShellCommand.ENCRYPT_WITH_OLD_CIPHER
                : ShellCommand.ENCRYPT),
        source);
  }

  private static KeyFormatException unsupported(String what, String remedy, KeySource source) {
    return source.refuse("is encrypted with " + what, remedy);
  }

  /** A function that makes a cipher's key of a passphrase, with its parameters. */
  sealed interface PasswordKdf {
    /** Returns that many bytes; the caller wipes them. */
    byte[] derive(char[] passphrase, int bytes);
  }

  /**
   * Returns the function that an encrypted key names.
   *
   * @throws KeyFormatException if it is neither PBKDF2 nor scrypt, or would take far more time or
   *     memory than any tool asks for
   * @throws IllegalArgumentException if its parameters are malformed
   */
  static PasswordKdf kdf(KeyDerivationFunc function, KeySource source) throws KeyFormatException {
    ASN1ObjectIdentifier algorithm = function.getAlgorithm();
    if (algorithm.equals(PKCSObjectIdentifiers.id_PBKDF2)) {
      return Pbkdf2.of(PBKDF2Params.getInstance(function.getParameters()), source);
    }
    if (algorithm.equals(MiscObjectIdentifiers.id_scrypt)) {
      return Scrypt.of(ASN1Sequence.getInstance(function.getParameters()), source);
    }
    throw unsupported(
        "a key derivation (" + algorithm.getId() + ") that is not supported",
        NOT_BY_OPENSSL,
        source);
  }

  /** PBKDF2 (RFC 8018, section 5.2). */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Pbkdf2(String algorithm, byte[] salt, int iterations) implements PasswordKdf {

    /** What we write: OWASP's figure for HMAC-SHA-256, about a third of a second. */
    private static final int OUR_ITERATIONS = 600_000;

    private static final int OUR_SALT_BYTES = 16;
    private static final String OPENSSL = "Encrypt it again with: " + ShellCommand.ENCRYPT;
    private static final String OUR_ALGORITHM = "PBKDF2WithHmacSHA256";

    private static final Map<ASN1ObjectIdentifier, String> ALGORITHMS =
        Map.of(
            PKCSObjectIdentifiers.id_hmacWithSHA1, "PBKDF2WithHmacSHA1",
            PKCSObjectIdentifiers.id_hmacWithSHA224, "PBKDF2WithHmacSHA224",
            PKCSObjectIdentifiers.id_hmacWithSHA256, OUR_ALGORITHM,
            PKCSObjectIdentifiers.id_hmacWithSHA384, "PBKDF2WithHmacSHA384",
            PKCSObjectIdentifiers.id_hmacWithSHA512, "PBKDF2WithHmacSHA512");

    static Pbkdf2 random() {
      byte[] salt = new byte[OUR_SALT_BYTES];
      new SecureRandom().nextBytes(salt);
      return new Pbkdf2(OUR_ALGORITHM, salt, OUR_ITERATIONS);
    }

    private static Pbkdf2 of(PBKDF2Params parameters, KeySource source) throws KeyFormatException {
      ASN1ObjectIdentifier prf = parameters.getPrf().getAlgorithm();
      String algorithm = ALGORITHMS.get(prf);
      if (algorithm == null) {
        throw unsupported(
            "PBKDF2 over a function (" + prf.getId() + ") that is not supported", OPENSSL, source);
      }
      BigInteger iterations = parameters.getIterationCount();
      if (iterations.signum() <= 0
          || iterations.compareTo(BigInteger.valueOf(MAX_ITERATIONS)) > 0) {
        throw unsupported(
            "PBKDF2 in " + iterations + " rounds, and the limit is " + MAX_ITERATIONS,
            OPENSSL,
            source);
      }
      if (parameters.getSalt().length == 0) {
        throw new IllegalArgumentException("PBKDF2 without salt");
      }
      return new Pbkdf2(algorithm, parameters.getSalt(), iterations.intValueExact());
    }

    KeyDerivationFunc identifier() {
      return new KeyDerivationFunc(
          PKCSObjectIdentifiers.id_PBKDF2,
          new PBKDF2Params(
              salt,
              iterations,
              new AlgorithmIdentifier(PKCSObjectIdentifiers.id_hmacWithSHA256, DERNull.INSTANCE)));
    }

    @Override
    public byte[] derive(char[] passphrase, int bytes) {
      PBEKeySpec spec = new PBEKeySpec(passphrase, salt, iterations, bytes * Byte.SIZE);
      try {
        return SecretKeyFactory.getInstance(algorithm).generateSecret(spec).getEncoded();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("This JVM has no " + algorithm, e);
      } finally {
        spec.clearPassword();
      }
    }
  }

  /**
   * scrypt (RFC 7914, section 7.1).
   *
   * @param cost N, a power of two
   * @param blockSize r
   * @param parallelism p
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Scrypt(byte[] salt, int cost, int blockSize, int parallelism) implements PasswordKdf {

    /** Of {@code 128 * N * r} bytes; OpenSSL by default writes 16 MiB and reads 32 MiB. */
    private static final long MAX_MEMORY_BYTES = 256L << 20;

    private static final int MAX_PARALLELISM = 16;

    private static Scrypt of(ASN1Sequence parameters, KeySource source) throws KeyFormatException {
      byte[] salt = ASN1OctetString.getInstance(parameters.getObjectAt(0)).getOctets();
      BigInteger cost = ASN1Integer.getInstance(parameters.getObjectAt(1)).getPositiveValue();
      BigInteger blockSize = ASN1Integer.getInstance(parameters.getObjectAt(2)).getPositiveValue();
      BigInteger parallelism =
          ASN1Integer.getInstance(parameters.getObjectAt(3)).getPositiveValue();
      BigInteger memory = cost.multiply(blockSize).shiftLeft(7);
      if (memory.signum() == 0 || memory.compareTo(BigInteger.valueOf(MAX_MEMORY_BYTES)) > 0) {
        throw unsupported(
            "scrypt over " + memory + " bytes of memory, and the limit is " + MAX_MEMORY_BYTES,
            NOT_BY_OPENSSL,
            source);
      }
      if (parallelism.signum() == 0
          || parallelism.compareTo(BigInteger.valueOf(MAX_PARALLELISM)) > 0) {
        throw unsupported(
            "scrypt in " + parallelism + " parts, and the limit is " + MAX_PARALLELISM,
            NOT_BY_OPENSSL,
            source);
      }
      if (cost.bitCount() != 1
          || cost.testBit(0)
          || cost.bitLength() > 16 * blockSize.longValue()) {
        throw new IllegalArgumentException("scrypt's cost is not a power of two in its range");
      }
      return new Scrypt(
          salt, cost.intValueExact(), blockSize.intValueExact(), parallelism.intValueExact());
    }

    @Override
    public byte[] derive(char[] passphrase, int bytes) {
      byte[] utf8 = Passphrases.utf8(passphrase);
      try {
        return SCrypt.generate(utf8, salt, cost, blockSize, parallelism, bytes);
      } finally {
        Arrays.fill(utf8, (byte) 0);
      }
    }
  }
}
