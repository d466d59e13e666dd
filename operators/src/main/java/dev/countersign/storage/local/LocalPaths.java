package dev.countersign.storage.local;

import dev.countersign.storage.StorageException;
import dev.countersign.text.Printable;
import dev.countersign.text.StrictUtf8;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Names between bytes, as the operating system has them, and text, which is always UTF-8.
 *
 * <p>{@code Path} alone cannot do that: it decodes with the locale's charset, so that under {@code
 * LC_ALL=C} it refuses or garbles all names but ASCII. Its URI form, however, carries the raw bytes
 * in both directions. It costs a system call, so it is used only where the plain text may differ.
 */
final class LocalPaths {

  /** What decoding puts in place of what it cannot decode. */
  private static final char REPLACEMENT = '\uFFFD';

  private static final boolean LOCALE_IS_UTF8 =
      "UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding"));

  private LocalPaths() {}

  /**
   * Returns the path of an absolute local URI.
   *
   * @throws StorageException {@link StorageException.Kind#NAME} if it holds NUL or a lone surrogate
   */
  static Path of(String uri) throws StorageException {
    if (uri.indexOf('\0') >= 0) {
      throw unusable(uri, "a NUL character");
    }
    if (StrictUtf8.length(uri) < 0) {
      throw unusable(uri, "a surrogate without its pair, which is not valid Unicode");
    }
    return isFaithful(uri) ? Path.of(uri) : Path.of(URI.create("file://" + percentEncoded(uri)));
  }

  /**
   * Returns the path of something below an absolute directory.
   *
   * @param relative has no root
   * @throws StorageException {@link StorageException.Kind#NAME} if it leads anywhere else
   */
  static Path below(Path directory, String relative) throws StorageException {
    Path rooted = of("/" + relative);
    if (relative.isEmpty() || !rooted.equals(rooted.normalize())) {
      throw unusable(relative, "a segment that leads out of its folder");
    }
    return directory.resolve(rooted.getRoot().relativize(rooted));
  }

  /** Returns an absolute path as text; empty if its bytes are not UTF-8. */
  static Optional<String> text(Path path) {
    String text = path.toString();
    return isFaithful(text) ? Optional.of(text) : StrictUtf8.decode(rawBytes(path));
  }

  /** Returns what follows {@code directory} in a path below it; empty if it is not UTF-8. */
  static Optional<String> relativeText(Path directory, Path path) {
    return text(directory.getRoot().resolve(directory.relativize(path)))
        .map(text -> text.substring(1));
  }

  /** Returns the last name of an absolute path as text; empty if its bytes are not UTF-8. */
  static Optional<String> fileName(Path path) {
    String text = path.getFileName().toString();
    return isFaithful(text) ? Optional.of(text) : StrictUtf8.decode(lastName(path));
  }

  /**
   * Returns the last name of a path for people, with each byte that is no ASCII as {@code \xFF}.
   */
  static String escapedFileName(Path path) {
    StringBuilder escaped = new StringBuilder();
    for (byte b : lastName(path)) {
      escaped.append(b >= ' ' && b < 0x7F ? String.valueOf((char) b) : "\\x" + hex(b));
    }
    return escaped.toString();
  }

  /** Tells whether {@code Path} surely has the same bytes for a text as UTF-8 has. */
  private static boolean isFaithful(String text) {
    if (LOCALE_IS_UTF8) {
      return text.indexOf(REPLACEMENT) < 0;
    }
    return text.chars().allMatch(c -> c < 0x80);
  }

  private static byte[] lastName(Path path) {
    byte[] bytes = rawBytes(path);
    int start = bytes.length;
    while (start > 0 && bytes[start - 1] != '/') {
      start--;
    }
    return Arrays.copyOfRange(bytes, start, bytes.length);
  }

  /** Returns a path's bytes, without the slash that the URI of a directory ends in. */
  private static byte[] rawBytes(Path path) {
    String raw = path.toUri().getRawPath();
    int end = raw.length() > 1 && raw.endsWith("/") ? raw.length() - 1 : raw.length();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(end);
    for (int i = 0; i < end; i++) {
      if (raw.charAt(i) == '%') {
        bytes.write(HexFormat.fromHexDigits(raw, i + 1, i + 3));
        i += 2;
      } else {
        bytes.write(raw.charAt(i));
      }
    }
    return bytes.toByteArray();
  }

  private static String percentEncoded(String text) {
    StringBuilder encoded = new StringBuilder(3 * text.length());
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      boolean plain =
          b == '/' || (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z');
      encoded.append(plain ? String.valueOf((char) b) : "%" + hex(b));
    }
    return encoded.toString();
  }

  private static String hex(byte b) {
    return HexFormat.of().withUpperCase().toHexDigits(b);
  }

  private static StorageException unusable(String uri, String what) {
    return StorageException.of(
        StorageException.Kind.NAME,
        uri,
        "The path %s holds %s. No local file can have such a name.",
        Printable.of(uri),
        what);
  }
}
