package dev.countersign.keys;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Place of a key, certificate or passphrase: reads it, and words why it is refused.
 *
 * @param role what the caller wants of it
 * @param name a path, or another name that the user knows it by
 */
record KeySource(Role role, String name) {

  /** What a file, or a variable of the environment, is wanted for. */
  enum Role {
    PRIVATE_KEY("private key", Setting.PRIVATE_KEY, 1),
    PUBLIC_KEY("public key", Setting.PUBLIC_KEY, 1),
    SIGNING_CERTIFICATE("signing certificate", Setting.SIGNING_CERTIFICATE, 1),
    CERTIFICATE_CHAIN("certificate chain", Setting.CERTIFICATE_CHAIN, 32),
    TSA_CERTIFICATE_CHAIN("TSA certificate chain", Setting.TSA_CERTIFICATE_CHAIN, 32),
    TLS_AUTHORITIES("file of authorities for TLS", Setting.CA_FILE, 32),
    /** More than a million revoked certificates. */
    REVOCATION_LIST("revocation list", Setting.CRL, 64),
    PASSPHRASE_FILE("passphrase file", Setting.PASSWORD_FILE, 1),
    PASSPHRASE_VARIABLE("passphrase variable", Setting.PASSWORD_ENV, 1),
    PIN_FILE("PIN file", Setting.PKCS11_URI, 1),
    PIN_VARIABLE("PIN variable", Setting.PIN_ENV, 1);

    private final String noun;
    private final Setting setting;
    private final int maxMebibytes;

    Role(String noun, Setting setting, int maxMebibytes) {
      this.noun = noun;
      this.setting = setting;
      this.maxMebibytes = maxMebibytes;
    }

    /** Returns whether the source holds what is public and is no key. */
    boolean isOfCertificates() {
      return switch (this) {
        case SIGNING_CERTIFICATE,
            CERTIFICATE_CHAIN,
            TSA_CERTIFICATE_CHAIN,
            TLS_AUTHORITIES,
            REVOCATION_LIST ->
            true;
        case PRIVATE_KEY,
            PUBLIC_KEY,
            PASSPHRASE_FILE,
            PASSPHRASE_VARIABLE,
            PIN_FILE,
            PIN_VARIABLE ->
            false;
      };
    }

    /** Returns the remedy for a file that holds something else and cannot be converted. */
    Remedy another() {
      if (this == REVOCATION_LIST) {
        return Remedy.of("Give the list that the certificate's issuer publishes to %s.", setting);
      }
      return Remedy.text(
          isOfCertificates()
              ? "Name a PEM file that holds a certificate."
              : "Name a PEM file, or make one with generate-key-pair.");
    }

    /** Returns the most that such a file may hold, in bytes: a multiple of what it needs. */
    int maxBytes() {
      return maxMebibytes << 20;
    }

    /** Returns the setting that names such a source. */
    Setting setting() {
      return setting;
    }

    /** Returns the advice to look at that setting. */
    Remedy check() {
      return Remedy.of("Check %s.", setting);
    }
  }

  /**
   * Reads the file from the local disk, or from a pipe such as {@code /dev/fd/3}.
   *
   * @return at most what its role allows; the caller wipes it if it is secret
   */
  byte[] read() throws KeyFormatException {
    try {
      Path path = Path.of(name);
      if (Files.isDirectory(path)) {
        throw refuse("is a directory", "Name a file within it.");
      }
      try (InputStream in = Files.newInputStream(path)) {
        byte[] bytes = in.readNBytes(role.maxBytes() + 1);
        if (bytes.length > role.maxBytes()) {
          throw tooLarge();
        }
        return bytes;
      }
    } catch (NoSuchFileException e) {
      throw refuse("does not exist on this machine", role.check());
    } catch (AccessDeniedException e) {
      throw refuse("may not be read by this user", "Change its permissions, or run as its owner.");
    } catch (InvalidPathException e) {
      throw refuse("is not a valid path here", role.check());
    } catch (IOException e) {
      throw refuse("cannot be read (" + e.getClass().getSimpleName() + ")", role.check());
    }
  }

  /**
   * Returns the exception that refuses this source.
   *
   * @param problem what is wrong, as the rest of a sentence that began with "it"
   * @param remedy what to do, as one or more whole sentences
   */
  KeyFormatException refuse(String problem, Remedy remedy) {
    return new KeyFormatException(
        name,
        "Cannot use " + Printable.of(name) + " as a " + role.noun + ": it " + problem + ".",
        remedy);
  }

  /** Returns the same where the remedy names no setting. */
  KeyFormatException refuse(String problem, String remedy) {
    return refuse(problem, Remedy.text(remedy));
  }

  /** Returns the exception for a PEM block that does not hold what its label says. */
  KeyFormatException damaged(String label) {
    return refuse(
        "has a block " + label + " whose content is not such a key",
        "The file is damaged; fetch a fresh copy of it.");
  }

  /** Returns the exception for a private key with a public key beside it that is not its own. */
  KeyFormatException ofTwoPairs() {
    return refuse(
        "holds a private key together with the public key of another pair",
        "The file is damaged or was tampered with; fetch a fresh copy of it.");
  }

  /** Returns the exception for a file above the limit of its role. */
  KeyFormatException tooLarge() {
    return refuse("is larger than " + role.maxMebibytes + " MiB, the limit", role.check());
  }
}
