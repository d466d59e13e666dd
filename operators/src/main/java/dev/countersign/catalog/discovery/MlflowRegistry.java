package dev.countersign.catalog.discovery;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredObject;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.yaml.YamlFile;
import dev.countersign.yaml.YamlFormatException;
import dev.countersign.yaml.YamlNode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * MLflow's model registry on disk: {@code models/NAME/version-N/meta.yaml} says where the version's
 * files are. Whatever it says only gives a name to a model that was found; it leads nowhere.
 */
final class MlflowRegistry {

  /** A registered version: its model's name, and its number. */
  record Registration(String name, String version) {}

  /**
   * Where a model is, without the part that changes when a store is moved or seen from another
   * machine: its run or model, and its path among that one's artifacts.
   *
   * @param id of a run, 32 hexadecimal digits, or of a logged model, the same behind {@code m-}
   * @param path below {@code artifacts}; empty for that folder itself
   */
  record Place(String id, String path) {

    private static final Pattern ID = Pattern.compile("(?:m-)?[0-9a-f]{32}");
    private static final Pattern MODEL_URI = Pattern.compile("models:/+(m-[0-9a-f]{32})/?");
    private static final Pattern RUN_URI =
        Pattern.compile("runs:/+([0-9a-f]{32})/?(.*)", Pattern.DOTALL);

    /** Returns the place that a path or URI names; empty if it names none of MLflow's. */
    static Optional<Place> of(String location) {
      Matcher model = MODEL_URI.matcher(location);
      if (model.matches()) {
        return Optional.of(new Place(model.group(1), ""));
      }
      Matcher run = RUN_URI.matcher(location);
      if (run.matches()) {
        return Optional.of(new Place(run.group(1), withoutEnd(run.group(2))));
      }
      List<String> segments = Arrays.asList(withoutEnd(location).split("/", -1));
      for (int i = 1; i < segments.size(); i++) {
        String id = segments.get(i - 1);
        if (segments.get(i).equals("artifacts") && ID.matcher(id).matches()) {
          return Optional.of(
              new Place(id, String.join("/", segments.subList(i + 1, segments.size()))));
        }
      }
      return Optional.empty();
    }

    /** Tells whether it is a run's, rather than a logged model's. */
    boolean isRun() {
      return !id.startsWith("m-");
    }

    private static String withoutEnd(String path) {
      int end = path.length();
      while (end > 0 && path.charAt(end - 1) == '/') {
        end--;
      }
      return path.substring(0, end);
    }
  }

  /** Some keys and a description; in bytes. */
  private static final int MAX_META_BYTES = 1 << 18;

  /** What is kept in memory; about 300 bytes each. */
  private static final int MAX_VERSIONS = 1_000_000;

  private static final String META = "meta.yaml";
  private static final String VERSION_PREFIX = "version-";

  private final DiscoveryListener listener;
  private final Map<Place, Registration> registered = new HashMap<>();

  private MlflowRegistry(DiscoveryListener listener) {
    this.listener = listener;
  }

  /**
   * Returns the registered versions by their places. A version that cannot be read is told to the
   * listener. If a model was registered several times, its first name in code point order counts,
   * and of that the last version.
   *
   * @param root the folder that is searched: the store, or the folder above {@code mlruns}
   * @throws StorageException if the store cannot be asked at all
   */
  static Map<Place, Registration> read(String root, DiscoveryListener listener)
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
      texts = texts(storage.readFully(meta, MAX_META_BYTES));
    } catch (StorageException e) {
      listener.failed(e.getMessage());
      return;
    }
    String version = Storages.baseName(versionFolder).substring(VERSION_PREFIX.length());
    Registration registration = new Registration(name, version);
    for (String key : List.of("storage_location", "source")) {
      Optional.ofNullable(texts.get(key))
          .flatMap(Place::of)
          .ifPresent(at -> registered.merge(at, registration, MlflowRegistry::preferred));
    }
    if (registered.size() > MAX_VERSIONS) {
      throw new StorageException(
          StorageException.Kind.LIMIT_EXCEEDED,
          versionFolder,
          Message.of(
              "The registry has more than %d versions, up to %s.",
              MAX_VERSIONS, Printable.of(versionFolder)),
          Remedy.of("Search its parts one by one, or by %s markers.", Setting.LAYOUT),
          false,
          null);
    }
  }

  /**
   * Returns the texts at the top of a {@code meta.yaml} by their keys. Numbers, lists and anything
   * nested are left out; a file that is not plain YAML, such as one with tags or aliases, has none.
   */
  static Map<String, String> texts(byte[] yaml) {
    Map<String, String> texts = new HashMap<>();
    try {
      if (YamlFile.parse(yaml).orElse(null) instanceof YamlNode.Mapping mapping) {
        for (YamlNode.Entry entry : mapping.entries()) {
          if (entry.value() instanceof YamlNode.Text text && text.isString()) {
            texts.put(entry.key(), text.value());
          }
        }
      }
    } catch (YamlFormatException e) {
      return Map.of();
    }
    return texts;
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
