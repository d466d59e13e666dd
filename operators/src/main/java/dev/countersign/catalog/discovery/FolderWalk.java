package dev.countersign.catalog.discovery;

import dev.countersign.remedy.Setting;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/**
 * Walks folders from the top down, each one's in code point order, and asks a layout what each is.
 * Holds the names of the folders on the way down, never models. Links are not followed, so there
 * are no loops.
 */
final class FolderWalk {

  /**
   * A folder whose folders are being looked at.
   *
   * @param outer URI of the model that it is or lies in; empty if there is none
   */
  private record Level(Folder folder, Iterator<String> names, String outer) {}

  private final Layout layout;
  private final int maxDepth;
  private final boolean reportNested;
  private final DiscoveryListener listener;
  private final Deque<Level> levels = new ArrayDeque<>();

  /**
   * Prepares a walk.
   *
   * @param maxDepth how many levels below the root are looked at
   * @param reportNested whether to look for models in models, and to tell about them
   */
  FolderWalk(Layout layout, int maxDepth, boolean reportNested, DiscoveryListener listener) {
    this.layout = layout;
    this.maxDepth = maxDepth;
    this.reportNested = reportNested;
    this.listener = listener;
  }

  /**
   * Walks.
   *
   * @throws IOException what the listener threw
   */
  void run(String root) throws IOException {
    try {
      layout.begin(root, listener);
    } catch (StorageException e) {
      listener.failed(e.getMessage());
      return;
    }
    visit(root, "", 0, "");
    while (!levels.isEmpty()) {
      Level level = levels.peek();
      if (!level.names().hasNext()) {
        levels.pop();
        continue;
      }
      String name = level.names().next();
      Folder above = level.folder();
      visit(
          Storages.child(above.uri(), name),
          above.path().isEmpty() ? name : above.path() + "/" + name,
          above.depth() + 1,
          level.outer());
    }
  }

  private void visit(String uri, String path, int depth, String outer) throws IOException {
    listener.entering(uri);
    Folder folder;
    Verdict verdict;
    try {
      folder =
          layout.looksInto(uri, depth)
              ? Folder.open(uri, path, depth, layout::wantsFile)
              : Folder.closed(uri, path, depth);
      verdict = layout.look(folder, listener);
    } catch (StorageException e) {
      if (outer.isEmpty()) {
        listener.failed(e.getMessage());
      }
      return;
    }
    if (verdict.model().isEmpty()) {
      if (outer.isEmpty()) {
        tellWhatIsLeftOut(folder);
      }
      descend(folder, verdict.below(), outer);
    } else if (outer.isEmpty()) {
      listener.model(verdict.model().get());
      if (reportNested) {
        descend(folder, folder.folders(), uri);
      }
    } else {
      listener.nested(uri, outer);
    }
  }

  private void descend(Folder folder, List<String> names, String outer) {
    if (names.isEmpty()) {
      return;
    }
    if (folder.depth() < maxDepth) {
      levels.push(new Level(folder, names.iterator(), outer));
    } else if (outer.isEmpty()) {
      listener.failed(
          String.format(
              Locale.ROOT,
              "%s has folders deeper than %d levels, which were not looked at. Raise %s.",
              Printable.of(folder.uri()),
              maxDepth,
              Setting.MAX_DEPTH));
    }
  }

  private void tellWhatIsLeftOut(Folder folder) {
    for (String name : folder.unnameable()) {
      listener.failed(
          String.format(
              Locale.ROOT,
              "%s in %s has a name that is no UTF-8, so no catalog can name it. Rename it.",
              Printable.of(name),
              Printable.of(folder.uri())));
    }
    for (String name : folder.linkedFolders()) {
      listener.linkedFolder(Storages.child(folder.uri(), name));
    }
  }
}
