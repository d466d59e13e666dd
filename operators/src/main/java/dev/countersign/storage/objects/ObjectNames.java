package dev.countersign.storage.objects;

import dev.countersign.storage.StorageException;
import dev.countersign.text.Printable;
import dev.countersign.text.StrictUtf8;

/**
 * Names of files that keys stand for. A store takes any text as a key; a file's name is a path of
 * plain names, the same wherever the model is stored.
 */
final class ObjectNames {

  private ObjectNames() {}

  /**
   * Returns whether a text is a path that every store takes as it is: Unicode, no NUL, no segment
   * that is empty, {@code .} or {@code ..}.
   */
  static boolean isPath(String text) {
    if (text.indexOf('\0') >= 0 || StrictUtf8.length(text) < 0) {
      return false;
    }
    for (int start = 0; start <= text.length(); ) {
      int slash = text.indexOf('/', start);
      int end = slash < 0 ? text.length() : slash;
      if (end == start || isDots(text, start, end)) {
        return false;
      }
      start = end + 1;
    }
    return true;
  }

  /** Returns whether a text is such a path of one segment. */
  static boolean isPlain(String text) {
    return text.indexOf('/') < 0 && isPath(text);
  }

  /**
   * Returns what follows a prefix in a key of a listing.
   *
   * @throws StorageException if the key does not begin so, which no store answers
   */
  static String below(String prefix, String key, String folderUri) throws StorageException {
    if (!key.startsWith(prefix)) {
      throw StorageException.of(
          StorageException.Kind.UNREADABLE,
          folderUri,
          "%s cannot be listed: its store answered with a key that is not below it. Check the"
              + " endpoint.",
          Printable.of(folderUri));
    }
    return key.substring(prefix.length());
  }

  private static boolean isDots(String text, int start, int end) {
    return text.charAt(start) == '.'
        && (end - start == 1 || (end - start == 2 && text.charAt(start + 1) == '.'));
  }
}
