package dev.countersign.hashing;

import dev.countersign.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that remembers which kernels were the fastest, below the user's private cache folder. Its
 * name has a digest of what they depend on: the processor, the JVM and the JVM's options. Without
 * such a folder, or if it cannot be written to, nothing is remembered.
 *
 * <p>Who can write there can make hashing slower, and nothing else: only a kernel that this program
 * would have measured is taken.
 */
final class KernelCache {

  private static final Logger LOG = LoggerFactory.getLogger(KernelCache.class);

  private static final int MAX_BYTES = 1 << 16;

  private final @Nullable Path file;

  /** Remembers in {@code file}, or nothing if it is null. */
  KernelCache(@Nullable Path file) {
    this.file = file;
  }

  /** Returns the cache of this user, machine and JVM. */
  static KernelCache ofUser() {
    Path folder = folder(System.getenv());
    return new KernelCache(folder == null ? null : folder.resolve(key() + ".properties"));
  }

  /** Returns where a user with this environment has kernels remembered; null if nowhere. */
  static @Nullable Path folder(Map<String, String> environment) {
    String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
    String home = environment.getOrDefault("HOME", "");
    if (cache.startsWith("/")) {
      return Path.of(cache, "countersign", "kernels");
    }
    return home.startsWith("/") ? Path.of(home, ".cache", "countersign", "kernels") : null;
  }

  private static String key() {
    // A class archive, which the JVM calls sharing, makes no difference.
    String machine =
        Stream.of("java.vm.name", "java.vm.version", "java.vm.info", "os.arch")
            .map(name -> System.getProperty(name, "").replace(", sharing", ""))
            .collect(Collectors.joining("\n", "", "\n" + processor()));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(machine.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Model and features of the processor; empty if the system does not say. */
  private static String processor() {
    return read(Path.of("/proc/cpuinfo"))
        .lines()
        .filter(line -> line.matches("(model name|flags|Features|CPU part)\\s*:.*"))
        .distinct()
        .collect(Collectors.joining("\n"));
  }

  /** Returns the description of the kernel that is remembered for {@code algorithm}. */
  Optional<String> get(String algorithm) {
    return file == null ? Optional.empty() : Optional.ofNullable(load(file).getProperty(algorithm));
  }

  /** Remembers a kernel. */
  void put(String algorithm, String description) {
    if (file == null) {
      return;
    }
    Properties remembered = load(file);
    remembered.setProperty(algorithm, description);
    String text =
        remembered.stringPropertyNames().stream()
            .sorted()
            .map(name -> name + "=" + remembered.getProperty(name) + "\n")
            .collect(Collectors.joining());
    try {
      Files.createDirectories(file.getParent(), privateToUser());
      Path part = Files.createTempFile(file.getParent(), "part-", null);
      Files.writeString(part, text);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException e) {
      LOG.debug(
          "{} cannot be written; kernels will be measured again", Printable.of(file.toString()), e);
    }
  }

  private static FileAttribute<?>[] privateToUser() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
        }
        : new FileAttribute<?>[0];
  }

  private static Properties load(Path file) {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(read(file)));
    } catch (IOException | IllegalArgumentException e) {
      LOG.debug("{} is not what this program writes", Printable.of(file.toString()), e);
    }
    return properties;
  }

  /** Returns the beginning of a file; empty if it cannot be read. */
  private static String read(Path file) {
    try (InputStream input = Files.newInputStream(file)) {
      return new String(input.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException | RuntimeException e) {
      LOG.debug("{} cannot be read", Printable.of(file.toString()), e);
      return "";
    }
  }
}
