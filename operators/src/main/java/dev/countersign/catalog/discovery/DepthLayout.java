package dev.countersign.catalog.discovery;

import dev.countersign.catalog.CatalogRow;
import dev.countersign.storage.Storages;
import java.util.Map;

/** The folders at one level are the models, whatever is in them. */
final class DepthLayout implements Layout {

  private final int depth;
  private final boolean versions;

  /**
   * Makes a layout.
   *
   * @param depth how many levels below the root the models are; 1 for folders in it
   * @param versions whether a model's folder is named after its version, and the one above after it
   */
  DepthLayout(int depth, boolean versions) {
    this.depth = depth;
    this.versions = versions;
  }

  @Override
  public String expected() {
    return (depth == 1 ? "folders one level" : "folders " + depth + " levels") + " below it";
  }

  @Override
  public boolean looksInto(String uri, int level) {
    return level < depth;
  }

  @Override
  public Verdict look(Folder folder, DiscoveryListener listener) {
    if (folder.depth() < depth) {
      return Verdict.below(folder.folders());
    }
    if (!versions) {
      return Verdict.model(new CatalogRow(folder.uri(), folder.path(), "", Map.of()));
    }
    int slash = folder.path().lastIndexOf('/');
    String name =
        slash < 0
            ? Storages.baseName(Storages.parent(folder.uri()))
            : folder.path().substring(0, slash);
    return Verdict.model(new CatalogRow(folder.uri(), name, folder.name(), Map.of()));
  }
}
