package dev.countersign.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;

/**
 * Everything in a model at the time it was listed.
 *
 * @param singleFile whether the model is one file rather than a directory
 * @param files all regular files, in code point order of their names
 * @param irregular all else that is not a directory and not ignored, in code point order of names
 * @param totalBytes the sum of all files' lengths
 * @param identity of the model's folder, as in {@link PinnedFolder}, or of the file that it is
 * @param noted what {@link ListingRules#noted()} asked for, whether it is part of the model or not;
 *     as {@link ModelStorage#stat} would have found it
 */
public record ModelListing(
    boolean singleFile,
    List<StoredFile> files,
    List<IrregularEntry> irregular,
    long totalBytes,
    String identity,
    List<StoredObject> noted) {

  /** Copies the lists, so that the listing cannot change. */
  public ModelListing {
    files = List.copyOf(files);
    irregular = List.copyOf(irregular);
    noted = List.copyOf(noted);
  }

  /** Returns which machines hold a file's blocks, by the name of one that is listed. */
  public BlockHosts hosts(String name) {
    int at =
        Collections.binarySearch(files, new StoredFile(name, "", 0, 0, "", 0), StoredFile.BY_NAME);
    return at < 0 ? BlockHosts.NONE : files.get(at).hosts();
  }

  /**
   * Returns the SHA-256 over all that was found, in lower-case hex: names, places, lengths and
   * versions of files, names and kinds of the rest. Another fingerprint means another listing.
   * Files with {@link TemporaryNames} do not count: they come and go while bundles are written.
   * Computed at each call.
   */
  public String fingerprint() {
    Fingerprint fingerprint = new Fingerprint();
    files.forEach(fingerprint::add);
    irregular.forEach(entry -> fingerprint.add(entry.name(), entry.kind()));
    return fingerprint.hex();
  }

  /**
   * Identifies what a listing found, whatever the order in which it was found. Keeps 32 bytes of
   * each entry. Not thread safe.
   */
  static final class Fingerprint {

    private final MessageDigest digest;
    private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES);
    private final List<byte[]> entries = new ArrayList<>();

    Fingerprint() {
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
}
