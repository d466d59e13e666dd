package dev.countersign.catalog.discovery;

import dev.countersign.catalog.CatalogRow;
import dev.countersign.storage.StorageException;
import java.util.List;
import java.util.Optional;

/** One way of keeping models in folders: says of each folder whether it is a model. */
interface Layout {

  /** Returns the labels that its models may have, beside the layout's name. */
  default List<String> labels() {
    return List.of();
  }

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

  /**
   * What a folder is.
   *
   * @param model the model, if it is one; nothing below it is a model of its own then
   * @param below names of the folders in it to look at, in order, if it is none
   */
  record Verdict(Optional<CatalogRow> model, List<String> below) {

    /** Returns the verdict on a model. */
    static Verdict model(CatalogRow row) {
      return new Verdict(Optional.of(row), List.of());
    }

    /** Returns the verdict on a folder that may hold models. */
    static Verdict below(List<String> names) {
      return new Verdict(Optional.empty(), names);
    }
  }
}
