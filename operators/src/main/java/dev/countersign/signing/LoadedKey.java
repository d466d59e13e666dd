package dev.countersign.signing;

import dev.countersign.keys.EcCurve;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.KeyHint;
import dev.countersign.keys.KeyMaterial;
import dev.countersign.keys.PrivateKeyFile;
import dev.countersign.remedy.Remedy;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.EdDSAParameterSpec;
import java.util.Arrays;
import java.util.Optional;

/**
 * A loaded private key with the algorithm that OMS has for it. Thread safe.
 *
 * <p>The algorithms are the JDK's here, which take the same time whatever the key is: unlike
 * verification, this touches a secret, and at some hundred signatures a second with the slowest key
 * it is nobody's wait.
 */
final class LoadedKey implements SigningKey {

  private final PrivateKey privateKey;
  private final PublicKey publicKey;
  private final String algorithm;
  private final Optional<AlgorithmParameterSpec> parameters;

  private LoadedKey(KeyPair pair, String algorithm, Optional<AlgorithmParameterSpec> parameters) {
    this.privateKey = pair.getPrivate();
    this.publicKey = pair.getPublic();
    this.algorithm = algorithm;
    this.parameters = parameters;
  }

  /**
   * Reads a private key, and its certificates if its file holds them, on this machine.
   *
   * @throws KeyFormatException if it or its passphrase cannot be read, or it cannot sign models
   */
  static KeyMaterial load(KeyFilePlace place) throws KeyFormatException {
    Optional<char[]> passphrase = place.passphrase().load();
    try {
      return PrivateKeyFile.load(place.path(), passphrase);
    } finally {
      passphrase.ifPresent(characters -> Arrays.fill(characters, '\0'));
    }
  }

  /**
   * Returns the key. An Ed25519 key signs in the form Ed25519ph (RFC 8032, section 5.1), as the Go
   * client does under every method.
   *
   * @throws IllegalArgumentException if models are not signed with such a key; {@code
   *     keys.PrivateKeyFile} gives none of those
   */
  static LoadedKey of(KeyPair pair) {
    PublicKey key = pair.getPublic();
    if (key instanceof ECPublicKey ec) {
      EcCurve curve =
          EcCurve.of(ec).orElseThrow(() -> new IllegalArgumentException("Not one of our curves"));
      return new LoadedKey(pair, curve.signatureAlgorithm(), Optional.empty());
    }
    if (key instanceof RSAPublicKey) {
      return new LoadedKey(pair, "SHA256withRSA", Optional.empty());
    }
    if (key instanceof EdECPublicKey) {
      return new LoadedKey(pair, "Ed25519", Optional.of(new EdDSAParameterSpec(true)));
    }
    throw new IllegalArgumentException("No key that signs models, but " + key.getAlgorithm());
  }

  @Override
  public PublicKey publicKey() {
    return publicKey;
  }

  @Override
  public byte[] sign(byte[] pae) throws SigningException {
    try {
      Signature signature = Signature.getInstance(algorithm);
      if (parameters.isPresent()) {
        signature.setParameter(parameters.get());
      }
      signature.initSign(privateKey);
      signature.update(pae);
      return signature.sign();
    } catch (GeneralSecurityException | RuntimeException e) {
      throw new SigningException(
          "This JVM cannot sign with the key " + KeyHint.of(publicKey) + " (" + algorithm + ").",
          Remedy.NONE,
          e);
    }
  }

  /** Does nothing: the JDK's keys cannot be wiped, and go when this object goes. */
  @Override
  public void close() {}

  /** Returns the hint of the public key, and nothing of the private one. */
  @Override
  public String toString() {
    return "LoadedKey[" + KeyHint.of(publicKey) + "]";
  }
}
