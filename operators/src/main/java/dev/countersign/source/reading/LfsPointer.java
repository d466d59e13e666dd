package dev.countersign.source.reading;

import dev.countersign.schemas.UnitRange;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Small text file that Git LFS keeps in a repository in place of a large file (git-lfs,
 * docs/spec.md, "The Pointer"). A checkout without Git LFS leaves these where weights belong.
 *
 * @param oid SHA-256 of the content that it stands for
 */
record LfsPointer(ByteBuffer oid) {

  /** A file of this length or more is not a pointer, in bytes. */
  static final int LENGTH_LIMIT = 1_024;

  /** The present version, and those of Git LFS before its first release, which it still reads. */
  private static final Set<String> VERSIONS =
      Set.of(
          "https://git-lfs.github.com/spec/v1",
          "https://hawser.github.com/spec/v1",
          "http://git-media.io/v/2");

  private static final Pattern LINE = Pattern.compile("([a-z0-9.-]+) (.*)");
  private static final Pattern OID = Pattern.compile("sha256:([0-9a-fA-F]{64})");
  private static final Pattern SIZE = Pattern.compile("[0-9]{1,19}");

  /** Tells whether the file that a range belongs to is short enough to be a pointer. */
  static boolean mayBe(UnitRange range) {
    return range.getLength() > 0 && range.getLength() < LENGTH_LIMIT;
  }

  /**
   * Returns the pointer that a file's whole content is; empty if it is not one. As Git LFS does, it
   * takes line ends of Windows, a last line without an end, white space around all, and blank
   * lines.
   */
  static Optional<LfsPointer> of(byte[] content) {
    if (content.length >= LENGTH_LIMIT) {
      return Optional.empty();
    }
    List<String> lines =
        new String(content, StandardCharsets.UTF_8)
            .strip()
            .lines()
            .filter(line -> !line.isEmpty())
            .toList();
    String oid = "";
    boolean sized = false;
    String previous = "";
    for (int i = 0; i < lines.size(); i++) {
      Matcher line = LINE.matcher(lines.get(i));
      if (!line.matches()) {
        return Optional.empty();
      }
      String key = line.group(1);
      String value = line.group(2);
      if (i == 0) {
        if (!key.equals("version") || !VERSIONS.contains(value)) {
          return Optional.empty();
        }
        continue;
      }
      if (key.compareTo(previous) <= 0 || key.equals("version")) {
        return Optional.empty();
      }
      previous = key;
      Matcher digest = OID.matcher(value);
      if (key.equals("oid") && digest.matches()) {
        oid = digest.group(1);
      }
      sized |= key.equals("size") && SIZE.matcher(value).matches();
    }
    return oid.isEmpty() || !sized
        ? Optional.empty()
        : Optional.of(new LfsPointer(ByteBuffer.wrap(HexFormat.of().parseHex(oid))));
  }
}
