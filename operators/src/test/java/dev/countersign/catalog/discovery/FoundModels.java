package dev.countersign.catalog.discovery;

import dev.countersign.catalog.CatalogRow;
import dev.countersign.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Searches a folder for tests, and keeps all that is told. */
final class FoundModels implements DiscoveryListener {

  final List<CatalogRow> rows = new ArrayList<>();
  final List<String> failures = new ArrayList<>();
  final List<String> notes = new ArrayList<>();
  final List<String> nested = new ArrayList<>();
  final List<String> linkedFolders = new ArrayList<>();
  final List<String> linkedContents = new ArrayList<>();
  final List<String> entered = new ArrayList<>();

  /** Searches as if by the command without more options than the layout. */
  static FoundModels in(Path root, LayoutName layout) throws StorageException, IOException {
    return in(root.toString(), settings(layout, 3));
  }

  static FoundModels in(String root, DiscoverySettings settings)
      throws StorageException, IOException {
    FoundModels found = new FoundModels();
    ModelDiscovery.of(root, settings).run(found);
    return found;
  }

  static DiscoverySettings settings(LayoutName layout, int depth) {
    return new DiscoverySettings(layout, depth, DiscoverySettings.DEFAULT_MARKERS, 100, false);
  }

  /** Makes empty files below a folder, with the folders above them. */
  static void files(Path root, String... names) throws IOException {
    for (String name : names) {
      Files.createDirectories(root.resolve(name).getParent());
      Files.writeString(root.resolve(name), "");
    }
  }

  /** Returns each model as {@code path|name|version} with its labels but the layout's. */
  List<String> described(Path root) {
    return rows.stream()
        .map(
            row -> {
              Map<String, String> labels = new java.util.TreeMap<>(row.labels());
              labels.remove("layout");
              return row.model().substring(root.toString().length())
                  + "|"
                  + row.name()
                  + "|"
                  + row.version()
                  + (labels.isEmpty() ? "" : "|" + labels);
            })
        .toList();
  }

  @Override
  public void entering(String uri) {
    entered.add(uri);
  }

  @Override
  public void model(CatalogRow row) {
    rows.add(row);
  }

  @Override
  public void failed(String message) {
    failures.add(message);
  }

  @Override
  public void note(String message) {
    notes.add(message);
  }

  @Override
  public void nested(String uri, String outer) {
    nested.add(uri + " in " + outer);
  }

  @Override
  public void linkedFolder(String uri) {
    linkedFolders.add(uri);
  }

  @Override
  public void linkedContent(String folder, String cache) {
    linkedContents.add(folder + " in " + cache);
  }
}
