package dev.countersign.storage;

import java.io.Serializable;
import java.util.Locale;

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
 */
public record StoredFile(
    String name, String path, int root, long length, String version, long modifiedMillis)
    implements Serializable {

  /** Returns whether the file itself has the name, in the model's folder: no link stands for it. */
  public boolean isInPlace() {
    return root == 0 && path.equals(name);
  }

  /** Refuses negative numbers. */
  public StoredFile {
    if (root < 0 || length < 0) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "Negative root or length: %d, %d", root, length));
    }
  }
}
