package dev.countersign.keys;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.misc.MiscObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.KeyDerivationFunc;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.crypto.generators.SCrypt;

/** A function that makes a cipher's key of a passphrase, with its parameters. */
@SuppressWarnings("ArrayRecordComponent") // never compared
sealed interface PasswordKdf {

  /** The most rounds of a function over and over again: some ten seconds. */
  int MAX_ITERATIONS = 20_000_000;

  /** Returns that many bytes; the caller wipes them. */
  byte[] derive(char[] passphrase, int bytes);

  /**
   * Returns the function that an encrypted key names.
   *
   * @throws KeyFormatException if it is neither PBKDF2 nor scrypt, or would take far more time or
   *     memory than any tool asks for
   * @throws IllegalArgumentException if its parameters are malformed
   */
  static PasswordKdf of(KeyDerivationFunc function, KeySource source) throws KeyFormatException {
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

  /** The remedy where OpenSSL does not open the key either: of scrypt it takes 32 MiB at most. */
  String NOT_BY_OPENSSL = "Encrypt it again with the program that made it.";

  private static KeyFormatException unsupported(String what, String remedy, KeySource source) {
    return source.refuse("is encrypted with " + what, remedy);
  }

  /** PBKDF2 (RFC 8018, section 5.2). */
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
        throw new IllegalArgumentException("scrypt's cost is no power of two in its range");
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
