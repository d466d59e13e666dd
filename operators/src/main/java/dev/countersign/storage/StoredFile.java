package dev.countersign.storage;

import dev.countersign.text.CodePointOrder;
import dev.countersign.text.Message;
import java.io.Serializable;
import java.util.Comparator;

/**
 * A regular file of a model as it was when the model was listed.
 *
 * @param name the resource name: relative to the model, {@code /} between segments
 * @param path where the file is opened, relative to its root, without following links; differs from
 *     {@code name} where that is a link; empty if the root is itself the file
 * @param root which root {@code path} is relative to: 0 is the model, n the caller's n-th symlink
 *     root, counted from 1
 * @param length in bytes
 * @param version opaque text that identifies this version of the content: another text means that
 *     the file was written to, replaced or moved
 * @param modifiedMillis when it was last written to, or, where the store knows that, last replaced
 *     or moved; milliseconds since the epoch
 * @param hosts the machines that hold it, if the listing asked; no part of its version
 */
public record StoredFile(
    String name,
    String path,
    int root,
    long length,
    String version,
    long modifiedMillis,
    BlockHosts hosts)
    implements Serializable {

  /** Code point order of names, as in a {@link ModelListing}. */
  static final Comparator<StoredFile> BY_NAME =
      Comparator.comparing(StoredFile::name, CodePointOrder.comparator());

  /** A file of which nobody says where it is held. */
  public StoredFile(
      String name, String path, int root, long length, String version, long modifiedMillis) {
    this(name, path, root, length, version, modifiedMillis, BlockHosts.NONE);
  }

  /** Returns whether the file itself has the name, in the model's folder: no link stands for it. */
  public boolean isInPlace() {
    return root == 0 && path.equals(name);
  }

  /** Refuses negative numbers. */
  public StoredFile {
    if (root < 0 || length < 0) {
      throw new IllegalArgumentException(
          Message.of("Negative root or length: %d, %d", root, length));
    }
  }

  /** Refuses a range, from {@code start} up to but not including {@code end}, that is not in it. */
  public void requireRange(long start, long end) {
    if (start < 0 || start > end || end > length) {
      throw new IllegalArgumentException(
          Message.of("No range of %d bytes: %d to %d", length, start, end));
    }
  }

  /**
   * Requires that what is found at the file's URI now is what was listed.
   *
   * @param isFile whether it is a regular file
   * @throws StorageException {@link StorageException.Kind#CHANGED} if it is not
   */
  public void requireUnchanged(String uri, boolean isFile, long foundLength, String foundVersion)
      throws StorageException {
    if (!isFile) {
      throw StorageException.changed(uri, "is no longer a regular file");
    }
    if (foundLength != length) {
      throw StorageException.changed(
          uri, "had %d bytes when the model was listed and now has %d", length, foundLength);
    }
    if (!foundVersion.equals(version)) {
      throw StorageException.changed(uri, "was written to or replaced since the model was listed");
    }
  }
}
