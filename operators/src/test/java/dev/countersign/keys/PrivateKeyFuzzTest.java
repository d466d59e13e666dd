package dev.countersign.keys;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;

/**
 * Any bytes, as a file and as what a PEM block holds, are a key or a {@link KeyFormatException},
 * with a passphrase and without. The first byte says which.
 */
final class PrivateKeyFuzzTest {

  private static final KeySource SOURCE = new KeySource(KeySource.Role.PRIVATE_KEY, "fuzzed");
  private static final List<String> LABELS =
      List.of("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY");

  @FuzzTest
  void fuzz(byte[] input) {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    int form = Math.floorMod(input[0], LABELS.size() + 1);
    if (form == LABELS.size()) {
      check(rest);
    } else {
      check(
          ("-----BEGIN "
                  + LABELS.get(form)
                  + "-----\n"
                  + Base64.getMimeEncoder().encodeToString(rest)
                  + "\n-----END "
                  + LABELS.get(form)
                  + "-----\n")
              .getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static void check(byte[] pem) {
    read(pem, Optional.empty());
    if (!isCostly(pem)) {
      read(pem, Optional.of("correct horse".toCharArray()));
    }
  }

  private static void read(byte[] pem, Optional<char[]> passphrase) {
    try {
      assertThat(PrivateKeyFile.read(pem, "fuzzed", passphrase).pair().getPublic()).isNotNull();
    } catch (KeyFormatException e) {
      assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}");
    }
  }

  /** What takes long by design, within limits of its own, would leave no time for anything else. */
  private static boolean isCostly(byte[] pem) {
    try {
      for (PemBlock block : PemReader.read(pem, SOURCE)) {
        if (block.label().equals(PemBlock.ENCRYPTED_PKCS8) && isCostlyToOpen(block.der())) {
          return true;
        }
      }
      return false;
    } catch (KeyFormatException e) {
      return false;
    }
  }

  private static boolean isCostlyToOpen(byte[] der) throws KeyFormatException {
    Pbes2.PasswordKdf kdf;
    try {
      kdf =
          Pbes2.kdf(
              PBES2Parameters.getInstance(
                      EncryptedPrivateKeyInfo.getInstance(Der.sequence(der))
                          .getEncryptionAlgorithm()
                          .getParameters())
                  .getKeyDerivationFunc(),
              SOURCE);
    } catch (RuntimeException e) {
      return false;
    }
    if (kdf instanceof Pbes2.Pbkdf2 pbkdf2) {
      return pbkdf2.iterations() > 5_000;
    }
    return kdf instanceof Pbes2.Scrypt scrypt
        && (long) scrypt.cost() * scrypt.blockSize() * scrypt.parallelism() > 1 << 12;
  }
}
