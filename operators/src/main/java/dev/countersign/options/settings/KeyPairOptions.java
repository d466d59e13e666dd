package dev.countersign.options.settings;

import dev.countersign.keys.EcCurve;
import dev.countersign.keys.PassphraseSource;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.KeyOptions;
import java.nio.file.Path;

/**
 * The options of {@code generate-key-pair}, checked against each other.
 *
 * @param privateKey where the private key goes, absolute
 * @param publicKey where the public key goes, absolute
 * @param curve the curve
 * @param passphrase where the passphrase lies that the private key is encrypted with
 * @param replace whether files that are there may be replaced
 */
public record KeyPairOptions(
    Path privateKey, Path publicKey, EcCurve curve, PassphraseSource passphrase, boolean replace) {

  /**
   * Checks options.
   *
   * @param workingDirectory what relative paths are relative to, absolute
   * @throws UsageException if two of them don't go together, or the prefix is missing
   */
  public static KeyPairOptions of(OptionValues values, Path workingDirectory) {
    RunChecks.refuseTwoPassphrases(values);
    String prefix = values.require(KeyOptions.OUTPUT_KEY_PREFIX);
    return new KeyPairOptions(
        file(prefix + ".key", workingDirectory),
        file(prefix + ".pub", workingDirectory),
        values.get(KeyOptions.CURVE),
        ModelRunOptions.passphrase(PassphraseSource.Kind.NEW_PASSPHRASE, values, workingDirectory),
        values.get(KeyOptions.FORCE));
  }

  private static Path file(String path, Path workingDirectory) {
    return Path.of(ModelRunOptions.absolute(KeyOptions.OUTPUT_KEY_PREFIX, path, workingDirectory));
  }
}
