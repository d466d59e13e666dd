package dev.countersign.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Identifies what a listing found, whatever the order in which it was found. Keeps 32 bytes of each
 * entry. Not thread safe.
 */
final class ListingFingerprint {

  private final MessageDigest digest;
  private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES);
  private final List<byte[]> entries = new ArrayList<>();

  ListingFingerprint() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** Adds a file, unless it has one of the {@link TemporaryNames} or {@link ReplacedNames}. */
  void add(StoredFile file) {
    if (file.isInPlace()
        && (TemporaryNames.isTemporary(file.name()) || ReplacedNames.isReplaced(file.name()))) {
      return;
    }
    put(file.name());
    put(file.path());
    put(file.root());
    put(file.length());
    put(file.version());
    entries.add(digest.digest());
  }

  /** Adds all else. */
  void add(String name, IrregularEntry.Kind kind) {
    put(name);
    put(kind.name());
    entries.add(digest.digest());
  }

  /** Returns the SHA-256 over all that was added, in lower-case hexadecimal. */
  String hex() {
    entries.sort(Arrays::compareUnsigned);
    entries.forEach(digest::update);
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Fields have their lengths in front, so that no two lists of fields hash alike. */
  private void put(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    put(bytes.length);
    digest.update(bytes);
  }

  private void put(long value) {
    digest.update(number.putLong(0, value).array());
  }
}
