package dev.countersign.catalog.discovery;

import dev.countersign.storage.StorageException;
import java.util.List;

/** One way of keeping models in folders: says of each folder whether it is a model. */
interface Layout {

  /** Returns which one it is. */
  LayoutName name();

  /** Returns the labels that its models may have, beside the layout's name. */
  List<String> labels();

  /** Returns what it looks for, as the end of a sentence. */
  String expected();

  /**
   * Reads what must be known before the walk.
   *
   * @param root URI of the folder that will be searched
   */
  default void begin(String root, DiscoveryListener listener) throws StorageException {}

  /** Tells whether what lies in a folder matters at this depth; 0 is the root. */
  default boolean looksInto(String uri, int depth) {
    return true;
  }

  /** Tells whether the name of a file matters. */
  default boolean wantsFile(String name) {
    return false;
  }

  /** Returns what a folder is. */
  Verdict look(Folder folder, DiscoveryListener listener) throws StorageException;
}
