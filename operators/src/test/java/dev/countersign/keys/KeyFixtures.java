package dev.countersign.keys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** The key files under {@code resources/keys}, whose README says how each was made. */
public final class KeyFixtures {

  private KeyFixtures() {}

  /** Returns the path of a key file. */
  public static Path path(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(KeyFixtures.class.getResource("/keys/" + name), name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(name, e);
    }
  }

  /** Returns the content of a key file. */
  public static byte[] bytes(String name) {
    try {
      return Files.readAllBytes(path(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the passphrase of the encrypted ones. */
  public static Optional<char[]> passphrase() {
    return Optional.of("correct horse".toCharArray());
  }

  /** Returns the passphrase of those whose name says so. */
  public static Optional<char[]> passphraseNotAscii() {
    return Optional.of("пароль 模型".toCharArray());
  }
}
