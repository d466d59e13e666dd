package dev.countersign.keys;

import java.security.KeyPair;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A private key in a PEM file: PKCS#8 plain or encrypted (RFC 5958, RFC 8018), or SEC 1 (RFC 5915)
 * plain or in the older encryption that OpenSSL still writes.
 *
 * <p>Text around the key, a certificate or public key beside it, any line end and a byte order mark
 * are accepted; two private keys in one file are not, since it would be unclear which one signs.
 */
public final class PrivateKeyFile {

  private PrivateKeyFile() {}

  /**
   * Reads a key file from the local disk.
   *
   * @param path the file
   * @param passphrase what opens it; not kept and not wiped. Ignored if the key is not encrypted
   * @throws KeyFormatException if the file cannot be read, holds no private key that can sign
   *     models, or the passphrase is missing or wrong
   */
  public static KeyPair load(String path, Optional<char[]> passphrase) throws KeyFormatException {
    KeySource source = new KeySource(KeySource.Role.PRIVATE_KEY, path);
    byte[] pem = KeyFile.read(source);
    try {
      return read(pem, path, passphrase);
    } finally {
      Arrays.fill(pem, (byte) 0);
    }
  }

  /**
   * Reads a key from a PEM text, and computes the public key that goes with it.
   *
   * @param pem the text, at most 1 MiB; not kept and not wiped
   * @param source how messages name it: the path, as a rule
   * @param passphrase what opens it; not kept and not wiped. Ignored if the key is not encrypted
   * @throws KeyFormatException if the text holds no private key that can sign models, or the
   *     passphrase is missing or wrong
   */
  public static KeyPair read(byte[] pem, String source, Optional<char[]> passphrase)
      throws KeyFormatException {
    KeySource where = new KeySource(KeySource.Role.PRIVATE_KEY, source);
    List<PemBlock> blocks = PemReader.read(pem, where);
    try {
      return keyPair(onlyPrivateKey(blocks, where), blocks, where, passphrase);
    } finally {
      blocks.forEach(PemBlock::wipe);
    }
  }

  private static PemBlock onlyPrivateKey(List<PemBlock> blocks, KeySource source)
      throws KeyFormatException {
    List<PemBlock> found = blocks.stream().filter(PemBlock::isPrivateKey).toList();
    if (found.size() > 1) {
      throw source.refuse(
          "holds " + found.size() + " private keys, and it is unclear which one to use",
          "Keep one key in a file.");
    }
    if (found.size() == 1) {
      return found.get(0);
    }
    if (blocks.stream().anyMatch(PemBlock::isPublicKey)) {
      throw source.refuse(
          "holds a public key",
          "Give the private key of the pair to --private-key; this file is for --public-key, which"
              + " verifies.");
    }
    if (blocks.stream().anyMatch(PemBlock::isCertificate)) {
      throw source.refuse(
          "holds a certificate, in which there is only a public key",
          "Give the private key that belongs to the certificate to --private-key.");
    }
    throw source.refuse(
        "holds no private key, but " + blocks.get(0).label(),
        "Give a private key to --private-key; generate-key-pair makes one.");
  }

  private static KeyPair keyPair(
      PemBlock block, List<PemBlock> all, KeySource source, Optional<char[]> passphrase)
      throws KeyFormatException {
    EcPrivateKeyDecoder decoder = new EcPrivateKeyDecoder(source, block.label());
    return switch (block.label()) {
      case PemBlock.PKCS8 -> decoder.ofPkcs8(decoder.parsePkcs8(block.der()));
      case PemBlock.ENCRYPTED_PKCS8 -> {
        byte[] opened = Pbes2.decrypt(block.der(), required(passphrase, source), source);
        yield decoder.ofPkcs8(unwrapped(opened, decoder::parsePkcs8, source));
      }
      case PemBlock.SEC1 -> {
        if (!LegacyPemEncryption.isUsed(block)) {
          yield decoder.ofSec1(decoder.parseSec1(block.der()), all);
        }
        byte[] opened = LegacyPemEncryption.decrypt(block, required(passphrase, source), source);
        yield decoder.ofSec1(unwrapped(opened, decoder::parseSec1, source), all);
      }
      default -> throw UnsupportedKey.ofLabel(block.label(), source);
    };
  }

  /** A wrong passphrase passes the padding once in 256 times, and then leaves bytes of no sense. */
  private static <T> T unwrapped(byte[] opened, Parser<T> parser, KeySource source)
      throws KeyFormatException {
    try {
      return parser.parse(opened);
    } catch (KeyFormatException e) {
      throw wrongPassphrase(source);
    } finally {
      Arrays.fill(opened, (byte) 0);
    }
  }

  @FunctionalInterface
  private interface Parser<T> {
    T parse(byte[] der) throws KeyFormatException;
  }

  static KeyFormatException wrongPassphrase(KeySource source) {
    return source.refuse(
        "is encrypted and the passphrase does not open it",
        "Check what --password-file or --password-env names.");
  }

  private static char[] required(Optional<char[]> passphrase, KeySource source)
      throws KeyFormatException {
    return passphrase.orElseThrow(
        () ->
            source.refuse(
                "is encrypted and no passphrase was given",
                "Name a file that holds the passphrase with --password-file, or an environment"
                    + " variable with --password-env."));
  }
}
