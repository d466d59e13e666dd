package dev.countersign.keys;

import dev.countersign.text.Printable;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.bc.BcPEMDecryptorProvider;

/**
 * The encryption of PEM blocks that OpenSSL had before PKCS#8 (RFC 1421 headers, MD5 key
 * derivation), which {@code openssl ec -aes256} writes to this day. It is read, never written.
 */
final class LegacyPemEncryption {

  private static final String PROC_TYPE = "Proc-Type";
  private static final String DEK_INFO = "DEK-Info";

  /** What Bouncy Castle decrypts. It would take a mode that it does not know for CBC. */
  private static final Pattern SUPPORTED =
      Pattern.compile(
          "(?:AES-(?:128|192|256)|DES(?:-EDE3?)?|BF|RC2(?:-(?:40|64))?)-(?:CBC|CFB|OFB|ECB)");

  /** Those that OpenSSL 3 knows only when it is asked to. */
  private static final Pattern OLD_CIPHER = Pattern.compile("SEED|IDEA|CAST|RC5");

  private LegacyPemEncryption() {}

  static boolean isUsed(PemBlock block) {
    return block.headers().getOrDefault(PROC_TYPE, "").endsWith("ENCRYPTED");
  }

  /** Returns the content of the block; the caller wipes it. */
  static byte[] decrypt(PemBlock block, char[] passphrase, KeySource source)
      throws KeyFormatException {
    String[] info = block.headers().getOrDefault(DEK_INFO, "").split(",", 2);
    if (info.length != 2) {
      throw unreadable(source);
    }
    String cipher = info[0].strip();
    if (!SUPPORTED.matcher(cipher).matches()) {
      throw notSupported(cipher, source);
    }
    byte[] vector;
    try {
      vector = HexFormat.of().parseHex(info[1].strip());
    } catch (IllegalArgumentException e) {
      throw unreadable(source);
    }
    char[] octets = octets(passphrase);
    try {
      return new BcPEMDecryptorProvider(octets).get(cipher).decrypt(block.der(), vector);
    } catch (PEMException | RuntimeException e) {
      throw PrivateKeyFile.wrongPassphrase(source);
    } finally {
      Arrays.fill(octets, '\0');
    }
  }

  /** Bouncy Castle takes the low eight bits of each character here, and OpenSSL takes UTF-8. */
  private static char[] octets(char[] passphrase) {
    byte[] utf8 = Passphrases.utf8(passphrase);
    char[] octets = new char[utf8.length];
    for (int i = 0; i < utf8.length; i++) {
      octets[i] = (char) (utf8[i] & 0xff);
    }
    Arrays.fill(utf8, (byte) 0);
    return octets;
  }

  private static KeyFormatException notSupported(String cipher, KeySource source) {
    return source.refuse(
        "is encrypted with a cipher (" + Printable.of(cipher) + ") that is not supported",
        "Convert it with: "
            + (OLD_CIPHER.matcher(cipher).lookingAt()
                ? ShellCommand.TO_PKCS8_WITH_OLD_CIPHER
                : ShellCommand.TO_PKCS8));
  }

  private static KeyFormatException unreadable(KeySource source) {
    return source.refuse(
        "is encrypted in a way that cannot be read",
        "The file is damaged; fetch a fresh copy of it.");
  }
}
