package dev.countersign.keys;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.MacData;
import org.bouncycastle.asn1.pkcs.PKCS12PBEParams;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.crypto.BlockCipher;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.PBEParametersGenerator;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA224Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.engines.DESedeEngine;
import org.bouncycastle.crypto.engines.RC2Engine;
import org.bouncycastle.crypto.generators.PKCS12ParametersGenerator;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.modes.CBCBlockCipher;
import org.bouncycastle.crypto.paddings.PaddedBufferedBlockCipher;

/**
 * The password-based algorithms of PKCS#12 (RFC 7292, appendices B and C) other than PBES2: the
 * code that proves a passphrase, and the older ciphers, which are read and never written.
 *
 * <p>The primitives are Bouncy Castle's; its classes for whole stores are not used. Their {@code
 * isMacValid} compares encodings, so it takes a code whose algorithm omits its optional parameters
 * for a wrong passphrase; it derives nothing from an empty passphrase, where RFC 7292 derives from
 * a terminator; its limit of rounds is that of the JVM, not {@link Pbes2#MAX_ITERATIONS}; and what
 * it decrypts cannot be wiped.
 */
final class Pkcs12Encryption {

  private static final int BLOCK_BITS = 64;

  private record CbcCipher(Supplier<BlockCipher> engine, int keyBits) {}

  private static final Map<ASN1ObjectIdentifier, CbcCipher> CIPHERS =
      Map.of(
          PKCSObjectIdentifiers.pbeWithSHAAnd3_KeyTripleDES_CBC,
              new CbcCipher(DESedeEngine::new, 192),
          PKCSObjectIdentifiers.pbeWithSHAAnd2_KeyTripleDES_CBC,
              new CbcCipher(DESedeEngine::new, 128),
          PKCSObjectIdentifiers.pbeWithSHAAnd128BitRC2_CBC, new CbcCipher(RC2Engine::new, 128),
          PKCSObjectIdentifiers.pbeWithSHAAnd40BitRC2_CBC, new CbcCipher(RC2Engine::new, 40));

  private static final Map<ASN1ObjectIdentifier, Supplier<Digest>> DIGESTS =
      Map.of(
          OIWObjectIdentifiers.idSHA1, SHA1Digest::new,
          NISTObjectIdentifiers.id_sha224, SHA224Digest::new,
          NISTObjectIdentifiers.id_sha256, SHA256Digest::new,
          NISTObjectIdentifiers.id_sha384, SHA384Digest::new,
          NISTObjectIdentifiers.id_sha512, SHA512Digest::new);

  private static final List<String> OLD_CIPHERS =
      Stream.of(
              PKCSObjectIdentifiers.pbeWithSHAAnd128BitRC4,
              PKCSObjectIdentifiers.pbeWithSHAAnd40BitRC4,
              PKCSObjectIdentifiers.pbeWithSHAAnd128BitRC2_CBC,
              PKCSObjectIdentifiers.pbeWithSHAAnd40BitRC2_CBC)
          .map(Pkcs12Encryption::der)
          .toList();

  private Pkcs12Encryption() {}

  /**
   * Returns whether the passphrase is the one that a store was made with, and the store is whole.
   *
   * @throws KeyFormatException if the code is of an algorithm that is not supported
   * @throws IllegalArgumentException if its parameters are malformed
   */
  static boolean proves(MacData mac, byte[] content, char[] passphrase, KeySource source)
      throws KeyFormatException {
    ASN1ObjectIdentifier algorithm = mac.getMac().getAlgorithmId().getAlgorithm();
    Supplier<Digest> digest = DIGESTS.get(algorithm);
    if (digest == null) {
      throw unsupported("is protected with", algorithm, source);
    }
    PKCS12ParametersGenerator generator =
        generator(digest.get(), passphrase, mac.getSalt(), mac.getIterationCount(), source);
    HMac code = new HMac(digest.get());
    code.init(generator.generateDerivedMacParameters(code.getMacSize() * Byte.SIZE));
    code.update(content, 0, content.length);
    byte[] computed = new byte[code.getMacSize()];
    code.doFinal(computed, 0);
    return MessageDigest.isEqual(computed, mac.getMac().getDigest());
  }

  /**
   * Returns what was encrypted; the caller wipes it. Without the code above, a wrong passphrase may
   * give bytes of no sense instead of an exception.
   *
   * @throws KeyFormatException if the algorithm is not supported or the passphrase is wrong
   * @throws IllegalArgumentException if the algorithm's parameters are malformed
   */
  static byte[] decrypt(
      AlgorithmIdentifier algorithm, byte[] encrypted, char[] passphrase, KeySource source)
      throws KeyFormatException {
    if (algorithm.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBES2)) {
      return Pbes2.decrypt(algorithm, encrypted, passphrase, source);
    }
    CbcCipher spec = CIPHERS.get(algorithm.getAlgorithm());
    if (spec == null) {
      throw unsupported("is encrypted with", algorithm.getAlgorithm(), source);
    }
    PKCS12PBEParams parameters = PKCS12PBEParams.getInstance(algorithm.getParameters());
    PKCS12ParametersGenerator generator =
        generator(
            new SHA1Digest(), passphrase, parameters.getIV(), parameters.getIterations(), source);
    PaddedBufferedBlockCipher cipher =
        new PaddedBufferedBlockCipher(CBCBlockCipher.newInstance(spec.engine().get()));
    cipher.init(false, generator.generateDerivedParameters(spec.keyBits(), BLOCK_BITS));
    byte[] opened = new byte[cipher.getOutputSize(encrypted.length)];
    try {
      int length = cipher.processBytes(encrypted, 0, encrypted.length, opened, 0);
      length += cipher.doFinal(opened, length);
      return Arrays.copyOf(opened, length);
    } catch (CryptoException | RuntimeException e) {
      throw PrivateKeyFile.wrongPassphrase(source);
    } finally {
      Arrays.fill(opened, (byte) 0);
    }
  }

  private static PKCS12ParametersGenerator generator(
      Digest digest, char[] passphrase, byte[] salt, BigInteger iterations, KeySource source)
      throws KeyFormatException {
    if (iterations.signum() <= 0
        || iterations.compareTo(BigInteger.valueOf(Pbes2.MAX_ITERATIONS)) > 0) {
      throw source.refuse(
          "is encrypted in " + iterations + " rounds, and the limit is " + Pbes2.MAX_ITERATIONS,
          takeOut(false));
    }
    // The password is repeated to fill a block, so any number of zero bytes is the terminator
    // alone.
    char[] terminated = passphrase.length == 0 ? new char[1] : passphrase;
    PKCS12ParametersGenerator generator = new PKCS12ParametersGenerator(digest);
    generator.init(
        PBEParametersGenerator.PKCS12PasswordToBytes(terminated), salt, iterations.intValueExact());
    return generator;
  }

  private static KeyFormatException unsupported(
      String how, ASN1ObjectIdentifier algorithm, KeySource source) {
    return source.refuse(
        how + " an algorithm (" + algorithm.getId() + ") that is not supported",
        takeOut(algorithm.on(PKCSObjectIdentifiers.pkcs_12PbeIds)));
  }

  private static String takeOut(boolean oldCipher) {
    return "Take the key out with: "
        + (oldCipher ? ShellCommand.KEY_OF_OLD_PKCS12 : ShellCommand.KEY_OF_PKCS12);
  }

  /**
   * Returns whether a store names a cipher that OpenSSL 3 opens only when asked to: RC2 or RC4. The
   * names stand outside of what is encrypted.
   */
  static boolean isOfOldCiphers(byte[] store) {
    String text = new String(store, StandardCharsets.ISO_8859_1);
    return OLD_CIPHERS.stream().anyMatch(text::contains);
  }

  /** Returns an object identifier as it stands in DER, a byte a character. */
  private static String der(ASN1ObjectIdentifier identifier) {
    try {
      return new String(identifier.getEncoded(ASN1Encoding.DER), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new IllegalStateException("An identifier could not be encoded", e);
    }
  }
}
