package dev.countersign.jobs.cli;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.PrivateKeyFile;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.options.ModelRunOptions;
import dev.countersign.options.UsageException;
import dev.countersign.signing.KeySigningSettings;
import dev.countersign.source.ExistingBundle;
import dev.countersign.verification.KeyVerificationSettings;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The public keys that a run ships. Private ones are only looked at, where that can be done. */
final class RunKeys {

  private RunKeys() {}

  /**
   * Returns the keys that the run checks bundles with; null if it checks none.
   *
   * @param signsHere whether the run signs in this process, so that a private key that is no good
   *     can be refused before anything is started
   * @throws UsageException if a key cannot be used
   */
  static @Nullable KeyVerificationSettings of(ModelRunOptions options, boolean signsHere) {
    Optional<KeySigningSettings> signing = options.signing();
    boolean skips = options.existingBundle() == ExistingBundle.SKIP_IF_SIGNED;
    try {
      List<String> given = pems(options.publicKeyFiles());
      if (signing.isEmpty()) {
        return given.isEmpty() ? null : new KeyVerificationSettings(given);
      }
      if (!signsHere && (!skips || !given.isEmpty())) {
        return skips ? new KeyVerificationSettings(given) : null;
      }
      String own = PublicKeyFile.pem(publicKey(signing.get()));
      return skips ? new KeyVerificationSettings(List.of(own)) : null;
    } catch (KeyFormatException e) {
      throw new UsageException(
          signsHere || signing.isEmpty()
              ? String.valueOf(e.getMessage())
              : e.getMessage()
                  + " Where this machine has no private key, --skip-signed needs the signer's"
                  + " --public-key.",
          e);
    }
  }

  private static List<String> pems(List<String> files) throws KeyFormatException {
    List<String> pems = new ArrayList<>();
    for (String file : files) {
      pems.add(PublicKeyFile.pem(PublicKeyFile.load(file)));
    }
    return pems;
  }

  private static PublicKey publicKey(KeySigningSettings signing) throws KeyFormatException {
    Optional<char[]> passphrase = signing.passphrase().load();
    try {
      return PrivateKeyFile.load(signing.privateKeyPath(), passphrase).getPublic();
    } finally {
      passphrase.ifPresent(characters -> Arrays.fill(characters, '\0'));
    }
  }
}
