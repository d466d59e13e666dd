package dev.countersign.keys;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.EncryptionScheme;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;

/** Encrypted PKCS#8 under the scheme PBES2 (RFC 8018, section 6.2). */
final class Pbes2 {

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
      kdf = PasswordKdf.of(parameters.getKeyDerivationFunc(), source);
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
    PasswordKdf.Pbkdf2 kdf = PasswordKdf.Pbkdf2.random();
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

  static KeyFormatException unsupported(ASN1ObjectIdentifier scheme, KeySource source) {
    return source.refuse(
        "is encrypted with an algorithm (" + scheme.getId() + ") that is not supported",
        "Encrypt it again with: "
            + (OLD_SCHEMES.contains(scheme)
                ? ShellCommand.ENCRYPT_WITH_OLD_CIPHER
                : ShellCommand.ENCRYPT));
  }
}
