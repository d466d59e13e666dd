package dev.countersign.keys;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A private key of an EC, RSA or Ed25519 pair: in a PEM file as PKCS#8 plain or encrypted (RFC
 * 5958, RFC 8018), or as SEC 1 (RFC 5915) or PKCS#1 (RFC 8017) plain or in the older encryption
 * that OpenSSL still writes; or in a PKCS#12 key store (RFC 7292), which is told by its content.
 *
 * <p>Text around the key, a certificate or public key beside it, any line end and a byte order mark
 * are accepted; two private keys in one file are not, since it would be unclear which one signs.
 */
public final class PrivateKeyFile {

  static final Remedy GIVE_PRIVATE_KEY =
      Remedy.of("Give a private key to %s; generate-key-pair makes one.", Setting.PRIVATE_KEY);

  private PrivateKeyFile() {}

  /**
   * Reads a key file from the local disk, and the key's certificates if it holds them.
   *
   * @param path the file
   * @param passphrase what opens it; not kept and not wiped. Ignored if the key is not encrypted
   * @throws KeyFormatException as {@link #read} does, and if the file cannot be read
   */
  public static KeyMaterial load(String path, Optional<char[]> passphrase)
      throws KeyFormatException {
    byte[] content = new KeySource(KeySource.Role.PRIVATE_KEY, path).read();
    try {
      return read(content, path, passphrase);
    } finally {
      Arrays.fill(content, (byte) 0);
    }
  }

  /**
   * Reads a key from the content of a file, and computes the public key that goes with it.
   *
   * @param content PEM text or a key store, at most 1 MiB; not kept and not wiped
   * @param source how messages name it: the path, as a rule
   * @param passphrase what opens it; not kept and not wiped. Ignored if the key is not encrypted
   * @throws KeyFormatException if the content holds no private key that can sign models, the
   *     passphrase is missing or wrong, or a certificate in a key store cannot be read
   */
  public static KeyMaterial read(byte[] content, String source, Optional<char[]> passphrase)
      throws KeyFormatException {
    KeySource where = new KeySource(KeySource.Role.PRIVATE_KEY, source);
    if (Pkcs12Store.isOne(content)) {
      return Pkcs12Store.open(content, passphrase, where);
    }
    List<PemBlock> blocks = PemReader.read(content, where);
    try {
      return new KeyMaterial(
          keyPair(onlyPrivateKey(blocks, where), blocks, where, passphrase), List.of());
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
          Remedy.of(
              "Give the private key of the pair to %s; this file is for %s, which verifies.",
              Setting.PRIVATE_KEY, Setting.PUBLIC_KEY));
    }
    if (blocks.stream().anyMatch(PemBlock::isCertificate)) {
      throw source.refuse(
          "holds a certificate, in which there is only a public key",
          Remedy.of(
              "Give the private key that belongs to the certificate to %s.", Setting.PRIVATE_KEY));
    }
    throw source.refuse("holds no private key, but " + blocks.get(0).label(), GIVE_PRIVATE_KEY);
  }

  private static KeyPair keyPair(
      PemBlock block, List<PemBlock> all, KeySource source, Optional<char[]> passphrase)
      throws KeyFormatException {
    PrivateKeyDecoder decoder = new PrivateKeyDecoder(source, block.label());
    return switch (block.label()) {
      case PemBlock.PKCS8 -> decoder.ofPkcs8(decoder.parsePkcs8(block.der()));
      case PemBlock.ENCRYPTED_PKCS8 -> {
        byte[] opened = Pbes2.decrypt(block.der(), required(passphrase, source), source);
        yield decoder.ofPkcs8(unwrapped(opened, decoder::parsePkcs8, source));
      }
      case PemBlock.SEC1 ->
          decoder.ofSec1(content(block, decoder::parseSec1, source, passphrase), all);
      case PemBlock.PKCS1 ->
          decoder.ofPkcs1(content(block, decoder::parsePkcs1, source, passphrase));
      default -> throw UnsupportedKey.ofLabel(block.label(), source);
    };
  }

  /** Returns what a block of the forms before PKCS#8 holds, encrypted in their way or not. */
  private static <T> T content(
      PemBlock block, Parser<T> parser, KeySource source, Optional<char[]> passphrase)
      throws KeyFormatException {
    return LegacyPemEncryption.isUsed(block)
        ? unwrapped(
            LegacyPemEncryption.decrypt(block, required(passphrase, source), source),
            parser,
            source)
        : parser.parse(block.der());
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
        Remedy.of("Check what %s or %s names.", Setting.PASSWORD_FILE, Setting.PASSWORD_ENV));
  }

  static KeyFormatException noPassphrase(KeySource source) {
    return source.refuse(
        "is encrypted and no passphrase was given",
        Remedy.of(
            "Name a file that holds the passphrase with %s, or an environment variable with %s.",
            Setting.PASSWORD_FILE, Setting.PASSWORD_ENV));
  }

  static char[] required(Optional<char[]> passphrase, KeySource source) throws KeyFormatException {
    return passphrase.orElseThrow(() -> noPassphrase(source));
  }
}
