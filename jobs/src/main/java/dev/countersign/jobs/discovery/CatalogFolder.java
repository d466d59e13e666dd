package dev.countersign.jobs.discovery;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.StoreUri;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The folder that a catalog is written into, as what its models are seen from. */
final class CatalogFolder {

  private final StoreUri folder;
  private final String realPlace;

  /**
   * A folder of a catalog.
   *
   * @param catalog URI of the catalog itself, as it will be named when it is read
   * @param place URI that it is written to: another one if a link leads there
   */
  CatalogFolder(String catalog, String place) throws StorageException {
    this.folder = StoreUri.parse(Storages.parent(catalog));
    this.realPlace = Storages.resolveLinks(Storages.parent(place));
  }

  /** Tells whether the catalog lies in a folder, whose links are resolved. */
  boolean liesIn(String realFolder) {
    return realPlace.equals(realFolder) || realPlace.startsWith(Storages.child(realFolder, ""));
  }

  /**
   * Returns a model's URI as seen from the folder; empty if it lies in another store. What could be
   * taken for something else than a path begins with {@code ./}.
   */
  Optional<String> relative(String model) {
    StoreUri uri = StoreUri.parse(model);
    if (!uri.store().equals(folder.store())) {
      return Optional.empty();
    }
    List<String> from = segments(folder.path());
    List<String> to = segments(uri.path());
    int shared = 0;
    while (shared < Math.min(from.size(), to.size()) && from.get(shared).equals(to.get(shared))) {
      shared++;
    }
    List<String> up = Collections.nCopies(from.size() - shared, "..");
    String down = String.join("/", to.subList(shared, to.size()));
    String way = String.join("/", up);
    if (!up.isEmpty()) {
      return Optional.of(down.isEmpty() ? way : way + "/" + down);
    }
    return Optional.of(down.isEmpty() ? "." : isPlain(down) ? down : "./" + down);
  }

  private static boolean isPlain(String path) {
    return Character.isLetterOrDigit(path.codePointAt(0)) && !StoreUri.isAbsolute(path);
  }

  private static List<String> segments(String path) {
    return path.equals("/") ? List.of() : Arrays.asList(path.substring(1).split("/"));
  }
}
