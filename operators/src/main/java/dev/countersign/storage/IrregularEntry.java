package dev.countersign.storage;

import java.io.Serializable;

/**
 * Something in a model that is no regular file that could be read. The caller decides what it
 * means.
 *
 * @param name the resource name; where the real one is not UTF-8, its foreign bytes as {@code \xFF}
 * @param kind what is irregular
 * @param followed what it would be if links were allowed: {@code SYMLINK} stands for a regular file
 * @param detail a clause for messages that says what was found, such as where a link leads; already
 *     escaped for terminals
 */
public record IrregularEntry(String name, Kind kind, Kind followed, String detail)
    implements Serializable {

  /** An entry whose kind does not depend on whether links are allowed. */
  public IrregularEntry(String name, Kind kind, String detail) {
    this(name, kind, kind, detail);
  }

  /** What is irregular about an entry. */
  public enum Kind {
    /** A link to a file, and links are not allowed here. */
    SYMLINK,
    /** A link in a store where none is ever followed. */
    SYMLINK_UNSUPPORTED,
    /** A link that leads out of the model and of all symlink roots. */
    SYMLINK_OUTSIDE,
    /** A link that leads back to itself. */
    SYMLINK_CYCLE,
    /** A link whose target is missing or out of reach. */
    SYMLINK_BROKEN,
    /** A link to a directory, allowed or not. */
    LINKED_DIRECTORY,
    /** A socket, pipe or device, or a link to one. */
    SPECIAL_FILE,
    /** A name whose bytes are no UTF-8. */
    NAME_NOT_UTF8,
    /** A name that cannot stand in a manifest, such as an object key with an empty segment. */
    NAME_NOT_CANONICAL,
    /** The key of an object, and of a folder with other objects in it. */
    FILE_AND_FOLDER,
    /** A directory whose entries cannot be listed. */
    UNREADABLE_DIRECTORY
  }
}
