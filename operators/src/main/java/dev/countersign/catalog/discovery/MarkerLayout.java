package dev.countersign.catalog.discovery;

import dev.countersign.catalog.CatalogRow;
import dev.countersign.storage.NamePattern;
import dev.countersign.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A folder that directly holds a file of a certain name is a model, and nothing below it is. */
final class MarkerLayout implements Layout {

  private final List<String> texts;
  private final List<NamePattern> patterns;

  /**
   * Makes a layout.
   *
   * @param markers patterns of file names
   * @throws StorageException if one is malformed
   */
  MarkerLayout(List<String> markers) throws StorageException {
    texts = List.copyOf(markers);
    patterns = new ArrayList<>();
    for (String marker : markers) {
      patterns.add(NamePattern.parse(marker));
    }
  }

  @Override
  public String expected() {
    return "folders that hold a file named " + String.join(", ", texts);
  }

  @Override
  public boolean wantsFile(String name) {
    return patterns.stream().anyMatch(pattern -> pattern.matches(name));
  }

  @Override
  public Verdict look(Folder folder, DiscoveryListener listener) {
    return folder.files().isEmpty()
        ? Verdict.below(folder.folders())
        : Verdict.model(new CatalogRow(folder.uri(), folder.label(), "", Map.of()));
  }
}
