package dev.countersign.catalog.file;

import dev.countersign.catalog.CatalogException;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import dev.countersign.storage.StoredObject;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The bytes of one version of a stored catalog. After each read the store is asked whether that is
 * still the version, so that no byte of another one is ever given.
 */
final class CatalogBytes implements CatalogInput.Bytes {

  private final ModelStorage storage;
  private final StoredObject version;
  private final ModelReader reader;
  private final RangeInput range;
  private boolean ended;

  private CatalogBytes(
      ModelStorage storage, StoredObject version, ModelReader reader, RangeInput range) {
    this.storage = storage;
    this.version = version;
    this.reader = reader;
    this.range = range;
  }

  /**
   * Returns the file that a catalog's URI leads to.
   *
   * @throws CatalogException if there is none, or it is too large
   */
  static StoredObject find(String uri) throws StorageException, CatalogException {
    String real = Storages.resolveLinks(uri);
    Optional<StoredObject> found = Storages.forUri(real).stat(real);
    if (found.isEmpty()) {
      throw new CatalogException(
          String.format(
              Locale.ROOT,
              "There is no catalog at %s. Name a file that can be reached from where the run is.",
              Printable.of(uri)));
    }
    if (found.get().kind() != StoredObject.Kind.FILE) {
      throw new CatalogException(
          String.format(
              Locale.ROOT, "The catalog %s is no regular file. Name one.", Printable.of(uri)));
    }
    if (found.get().length() > CatalogLimits.MAX_BYTES) {
      throw new CatalogException(
          String.format(
              Locale.ROOT,
              "The catalog %s has %d bytes, but may have %d. Split it.",
              Printable.of(uri),
              found.get().length(),
              CatalogLimits.MAX_BYTES));
    }
    return found.get();
  }

  /** Opens what {@link #find} returned. */
  static CatalogBytes open(StoredObject found) throws StorageException {
    ModelStorage storage = Storages.forUri(found.uri());
    ModelReader reader = storage.openModel(found.uri(), List.of());
    StoredFile file =
        new StoredFile(
            Storages.baseName(found.uri()),
            "",
            0,
            found.length(),
            found.version(),
            found.modifiedMillis());
    return new CatalogBytes(storage, found, reader, reader.open(file, 0, found.length()));
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws StorageException {
    if (ended) {
      return -1;
    }
    int read = range.read(buffer, offset, length);
    if (read < 0) {
      range.finish();
      ended = true;
      return -1;
    }
    boolean same =
        storage
            .stat(version.uri())
            .filter(now -> now.version().equals(version.version()))
            .filter(now -> now.length() == version.length())
            .isPresent();
    if (!same) {
      throw new StorageException(
          StorageException.Kind.CHANGED, version.uri(), "It changed while it was read.");
    }
    return read;
  }

  @Override
  public void close() throws IOException {
    range.close();
    reader.close();
  }
}
