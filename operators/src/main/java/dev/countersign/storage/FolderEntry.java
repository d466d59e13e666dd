package dev.countersign.storage;

/**
 * Something that lies directly in a folder.
 *
 * @param name its name in that folder; if {@code nameable} is false, one for people, with foreign
 *     bytes as {@code \xFF}
 * @param kind what it is
 * @param nameable whether a URI can name it: its bytes are UTF-8, and a plain name in this store
 */
public record FolderEntry(String name, Kind kind, boolean nameable) {

  /** What lies there. */
  public enum Kind {
    /** A regular file. */
    FILE,
    /** A folder. */
    FOLDER,
    /** A link to a regular file. */
    LINKED_FILE,
    /** A link to a folder. */
    LINKED_FOLDER,
    /** A socket, pipe or device, or a link that leads nowhere. */
    OTHER
  }
}
