package dev.countersign.catalog.discovery;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredObject;
import dev.countersign.text.Printable;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * MLflow's model registry on disk: {@code models/NAME/version-N/meta.yaml} says where the version's
 * files are. Whatever it says only gives a name to a model that was found; it leads nowhere.
 */
final class MlflowRegistry {

  /** A registered version: its model's name, and its number. */
  record Registration(String name, String version) {}

  /** Some keys and a description; in bytes. */
  private static final int MAX_META_BYTES = 1 << 18;

  /** What is kept in memory; about 300 bytes each. */
  private static final int MAX_VERSIONS = 1_000_000;

  private static final String META = "meta.yaml";
  private static final String VERSION_PREFIX = "version-";

  private final DiscoveryListener listener;
  private final Map<String, Registration> registered = new HashMap<>();

  private MlflowRegistry(DiscoveryListener listener) {
    this.listener = listener;
  }

  /**
   * Returns the registered versions by {@link MlflowPlace#key()}. A version that cannot be read is
   * told to the listener. If a model was registered several times, its first name in code point
   * order counts, and of that the last version.
   *
   * @param root the folder that is searched: the store, or the folder above {@code mlruns}
   * @throws StorageException if the store cannot be asked at all
   */
  static Map<String, Registration> read(String root, DiscoveryListener listener)
      throws StorageException {
    MlflowRegistry registry = new MlflowRegistry(listener);
    for (String store : List.of(root, Storages.child(root, "mlruns"))) {
      registry.addAll(Storages.child(store, "models"));
    }
    return registry.registered;
  }

  private void addAll(String models) throws StorageException {
    ModelStorage storage = Storages.forUri(models);
    if (!isFolder(storage, models)) {
      return;
    }
    for (String name : open(models).folders()) {
      Folder model = open(Storages.child(models, name));
      for (String version : model.folders()) {
        if (version.startsWith(VERSION_PREFIX)) {
          add(storage, name, Storages.child(model.uri(), version));
        }
      }
    }
  }

  private void add(ModelStorage storage, String name, String versionFolder)
      throws StorageException {
    if (open(versionFolder).files().isEmpty()) {
      return;
    }
    String meta = Storages.child(versionFolder, META);
    Map<String, String> texts;
    try {
      texts = MlflowMeta.texts(storage.readFully(meta, MAX_META_BYTES));
    } catch (StorageException e) {
      listener.failed(e.getMessage());
      return;
    }
    String version = Storages.baseName(versionFolder).substring(VERSION_PREFIX.length());
    Registration registration = new Registration(name, version);
    for (String key : List.of("storage_location", "source")) {
      Optional<MlflowPlace> place = Optional.ofNullable(texts.get(key)).flatMap(MlflowPlace::of);
      if (place.isPresent()) {
        registered.merge(place.get().key(), registration, MlflowRegistry::preferred);
      }
    }
    if (registered.size() > MAX_VERSIONS) {
      throw new StorageException(
          StorageException.Kind.LIMIT_EXCEEDED,
          versionFolder,
          String.format(
              Locale.ROOT,
              "The registry has more than %d versions, up to %s.",
              MAX_VERSIONS,
              Printable.of(versionFolder)),
          Remedy.of("Search its parts one by one, or by %s markers.", Setting.LAYOUT),
          false,
          null);
    }
  }

  /** Opens a folder; one that cannot be opened is told and then empty. */
  private Folder open(String uri) {
    try {
      return Folder.open(uri, "", 0, META::equals);
    } catch (StorageException e) {
      listener.failed(e.getMessage());
      return Folder.closed(uri, "", 0);
    }
  }

  private static boolean isFolder(ModelStorage storage, String uri) throws StorageException {
    return storage.stat(uri).filter(at -> at.kind() == StoredObject.Kind.DIRECTORY).isPresent();
  }

  /** Names come in code point order, so the earlier one stays; numbers do not. */
  private static Registration preferred(Registration earlier, Registration later) {
    if (!earlier.name().equals(later.name())) {
      return earlier;
    }
    int longer = later.version().length() - earlier.version().length();
    boolean newer = longer == 0 ? later.version().compareTo(earlier.version()) > 0 : longer > 0;
    return newer ? later : earlier;
  }
}
