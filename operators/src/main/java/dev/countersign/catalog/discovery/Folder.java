package dev.countersign.catalog.discovery;

import dev.countersign.storage.FolderEntry;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.CodePointOrder;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A folder and what lies directly in it. Names that begin with a dot belong to programs (Git,
 * temporary files, trash) and are left out.
 *
 * @param uri where it is
 * @param path the same, relative to the folder that is searched; empty for that folder itself
 * @param depth how many levels it lies below that folder
 * @param folders names of folders in it, in code point order
 * @param files names of files and of links to files that were asked for, in code point order
 * @param linked whether one of its files is a link, asked for or not
 * @param linkedFolders names of links to folders, in code point order
 * @param unnameable folders whose names no URI can hold, for people
 */
record Folder(
    String uri,
    String path,
    int depth,
    List<String> folders,
    List<String> files,
    boolean linked,
    List<String> linkedFolders,
    List<String> unnameable) {

  /** What one folder may hold of folders, so that a hostile one ends before memory does. */
  private static final int MAX_NAMES = 2_000_000;

  /** Returns a folder that was not looked into. */
  static Folder closed(String uri, String path, int depth) {
    return new Folder(uri, path, depth, List.of(), List.of(), false, List.of(), List.of());
  }

  /**
   * Looks into a folder.
   *
   * @param wanted which names of files matter
   * @throws StorageException if it cannot be listed or holds too much
   */
  static Folder open(String uri, String path, int depth, Predicate<String> wanted)
      throws StorageException {
    Draft draft = new Draft(wanted);
    Storages.forUri(uri).visitFolder(uri, draft::add);
    if (draft.names > MAX_NAMES) {
      throw new StorageException(
          StorageException.Kind.LIMIT_EXCEEDED,
          uri,
          Message.of(
              "%s holds more than %d folders and links. Search its parts one by one.",
              Printable.of(uri), MAX_NAMES));
    }
    return draft.folder(uri, path, depth);
  }

  String name() {
    return Storages.baseName(uri);
  }

  /** Returns the folder's path, or its name if it is the folder that is searched. */
  String label() {
    return path.isEmpty() ? name() : path;
  }

  /** Collects what is seen, in any order. */
  private static final class Draft {
    private final Predicate<String> wanted;
    private final List<String> folders = new ArrayList<>();
    private final List<String> files = new ArrayList<>();
    private final List<String> linkedFolders = new ArrayList<>();
    private final List<String> unnameable = new ArrayList<>();
    private boolean linked;
    private int names;

    Draft(Predicate<String> wanted) {
      this.wanted = wanted;
    }

    void add(FolderEntry entry) {
      if (names > MAX_NAMES || entry.name().startsWith(".")) {
        return;
      }
      switch (entry.kind()) {
        case FOLDER -> keep(entry.nameable() ? folders : unnameable, entry);
        case LINKED_FOLDER -> keep(linkedFolders, entry);
        case FILE, LINKED_FILE -> {
          linked |= entry.kind() == FolderEntry.Kind.LINKED_FILE;
          if (entry.nameable() && wanted.test(entry.name())) {
            keep(files, entry);
          }
        }
        case OTHER -> {}
      }
    }

    private void keep(List<String> list, FolderEntry entry) {
      names++;
      list.add(entry.name());
    }

    Folder folder(String uri, String path, int depth) {
      return new Folder(
          uri,
          path,
          depth,
          sorted(folders),
          sorted(files),
          linked,
          sorted(linkedFolders),
          sorted(unnameable));
    }

    private static List<String> sorted(List<String> names) {
      names.sort(CodePointOrder.comparator());
      return List.copyOf(names);
    }
  }
}
