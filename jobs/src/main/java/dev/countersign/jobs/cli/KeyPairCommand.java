package dev.countersign.jobs.cli;

import dev.countersign.jobs.terminal.Console;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.KeyHint;
import dev.countersign.keys.KeyPairFiles;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.OutputOptions;
import dev.countersign.options.settings.KeyPairOptions;
import dev.countersign.options.settings.OptionValues;
import dev.countersign.storage.TemporaryNames;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** Makes a key pair and writes it into two files. */
record KeyPairCommand(Console console) {

  private static final String PRIVATE_MODE = "rw-------";
  private static final String PUBLIC_MODE = "rw-r--r--";

  /**
   * Makes the pair.
   *
   * @throws UsageException if a file is there, cannot be written, or the passphrase cannot be read
   */
  void run(OptionValues values, Path workingDirectory) {
    KeyPairOptions options = KeyPairOptions.of(values, workingDirectory);
    refuseExisting(options.privateKey(), options.replace());
    refuseExisting(options.publicKey(), options.replace());
    Optional<char[]> passphrase = passphrase(options);
    KeyPair pair;
    try {
      pair = KeyPairFiles.generate(options.curve().nistName());
      byte[] secret = KeyPairFiles.privatePem(pair.getPrivate(), passphrase);
      try {
        write(options.privateKey(), secret, PRIVATE_MODE, options.replace());
      } finally {
        Arrays.fill(secret, (byte) 0);
      }
      write(
          options.publicKey(),
          PublicKeyFile.pem(pair.getPublic()).getBytes(StandardCharsets.US_ASCII),
          PUBLIC_MODE,
          options.replace());
    } finally {
      passphrase.ifPresent(characters -> Arrays.fill(characters, '\0'));
    }
    if (!values.get(OutputOptions.QUIET)) {
      console.say(
          Message.of(
              "Private key: %s (%s, %s; keep it to yourself)",
              Printable.of(options.privateKey().toString()),
              options.curve().nistName(),
              passphrase.isPresent() ? "encrypted" : "not encrypted"));
      console.say(
          Message.of(
              "Public key:  %s (give it to those who verify)",
              Printable.of(options.publicKey().toString())));
      console.say("Fingerprint: " + KeyHint.of(pair.getPublic()));
    }
  }

  private static Optional<char[]> passphrase(KeyPairOptions options) {
    try {
      return options.passphrase().load();
    } catch (KeyFormatException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
  }

  private static void refuseExisting(Path file, boolean replace) {
    try {
      BasicFileAttributes found =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (found.isOther()) {
        throw notWritten(file, "it is a pipe, a socket or a device, which is never replaced");
      }
      if (!replace) {
        throw existing(file);
      }
    } catch (IOException e) {
      // It is not there, or writing will say what is wrong.
    }
  }

  private static UsageException existing(Path file) {
    return UsageException.of(
        "%s already exists and is not replaced. Choose another --output-key-prefix, or replace it"
            + " with --force.",
        Printable.of(file.toString()));
  }

  /** Writes a file that never has other permissions than these, and never half a key. */
  private static void write(Path file, byte[] content, String mode, boolean replace) {
    Path written = file;
    try {
      if (replace) {
        written = file.resolveSibling(TemporaryNames.next());
      }
      create(written, content, mode);
      if (replace) {
        Files.move(
            written, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (FileAlreadyExistsException e) {
      throw existing(file);
    } catch (NoSuchFileException e) {
      throw notWritten(file, "its folder does not exist");
    } catch (AccessDeniedException e) {
      throw notWritten(file, "permission denied");
    } catch (IOException e) {
      throw notWritten(file, e.getClass().getSimpleName());
    }
  }

  private static void create(Path file, byte[] content, String mode) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            permissions(file, mode))) {
      Channels.newOutputStream(channel).write(content);
      channel.force(true);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  private static FileAttribute<?>[] permissions(Path file, String mode) throws IOException {
    Path folder = file.getParent();
    FileStore store = Files.getFileStore(folder == null ? file : folder);
    return store.supportsFileAttributeView(PosixFileAttributeView.class)
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
        }
        : new FileAttribute<?>[0];
  }

  private static UsageException notWritten(Path file, String why) {
    return UsageException.of(
        "The key file %s cannot be written: %s. Check --output-key-prefix.",
        Printable.of(file.toString()), why);
  }
}
