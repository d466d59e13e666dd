package dev.countersign.storage.objects;

import dev.countersign.remedy.Remedy;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageProvider;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.text.StoreUri;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * Takes URIs whose scheme is that of an {@link ObjectStore}. Keeps one client for each store and
 * settings until the process ends. Made by {@link ServiceLoader}, also where no model is in such a
 * store, so it names no class of a connector.
 */
public final class ObjectStorageProvider implements StorageProvider {

  /** A store of which a client is kept. */
  private record Opened(String store, Map<String, String> settings) {}

  /** How many buckets are kept; a catalog may name any number. */
  private static final int MOST_OPENED = 256;

  private final Map<String, ObjectStore> stores = new HashMap<>();

  /** The buckets used last; a client that nobody has frees what it holds by itself. */
  private final Map<Opened, ObjectStorage> opened =
      new LinkedHashMap<>(MOST_OPENED, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Opened, ObjectStorage> eldest) {
          return size() > MOST_OPENED;
        }
      };

  /** Finds the stores on the class path. */
  public ObjectStorageProvider() {
    for (ObjectStore store :
        ServiceLoader.load(ObjectStore.class, ObjectStore.class.getClassLoader())) {
      store.schemes().forEach(scheme -> stores.put(scheme, store));
    }
  }

  @Override
  public boolean takes(String uri) {
    return StoreUri.isAbsolute(uri) && stores.containsKey(StoreUri.parse(uri).scheme());
  }

  @Override
  public ModelStorage storage(String uri, Map<String, String> settings) throws StorageException {
    StoreUri bucket = StoreUri.parse(uri).withPath("/");
    Opened key = new Opened(bucket.toString(), settings);
    synchronized (opened) {
      ObjectStorage found = opened.get(key);
      if (found == null) {
        found = new ObjectStorage(open(uri, bucket, settings));
        opened.put(key, found);
      }
      return found;
    }
  }

  private ObjectClient open(String uri, StoreUri bucket, Map<String, String> settings)
      throws StorageException {
    ObjectStore store = store(bucket);
    if (bucket.authority().isEmpty()) {
      throw StorageException.of(
          StorageException.Kind.UNREADABLE,
          uri,
          "%s names no bucket. Write %s://BUCKET/PATH.",
          Printable.of(uri),
          bucket.scheme());
    }
    try {
      return store.open(bucket, settings);
    } catch (LinkageError e) {
      throw missing(uri, store, e);
    }
  }

  /** Opens the store's client, which sends no request. */
  @Override
  public void requireFileSystem(String uri, Map<String, String> settings) throws StorageException {
    ModelStorage unused = storage(uri, settings);
  }

  @Override
  public boolean namesStore(String uri, Map<String, String> settings) throws StorageException {
    StoreUri parts = StoreUri.parse(uri);
    ObjectStore store = store(parts);
    try {
      return store.namesStore(parts, settings);
    } catch (LinkageError e) {
      throw missing(uri, store, e);
    }
  }

  /** A relative name may still go up, from a folder that everybody knows. */
  @Override
  public void requireExact(String uri, String written) throws StorageException {
    boolean isAbsolute = StoreUri.isAbsolute(written);
    String path = isAbsolute ? StoreUri.writtenPath(written) : written;
    String trimmed = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    boolean isExact =
        isAbsolute ? trimmed.isEmpty() || ObjectNames.isPath(trimmed) : !trimmed.contains("//");
    if (!isExact) {
      throw StorageException.of(
          StorageException.Kind.NAME,
          uri,
          "%s has a segment that is empty, . or .., which keys in an object store are made of like"
              + " any other. Write %s if you mean that.",
          Printable.of(written),
          Printable.of(uri));
    }
  }

  /** Returns the URI: object stores have no links. */
  @Override
  public String resolveLinks(String uri) {
    return uri;
  }

  private ObjectStore store(StoreUri uri) {
    ObjectStore store = stores.get(uri.scheme());
    if (store == null) {
      throw new IllegalArgumentException("Another provider's: " + Printable.of(uri.toString()));
    }
    return store;
  }

  private static StorageException missing(String uri, ObjectStore store, LinkageError cause) {
    return new StorageException(
        StorageException.Kind.UNSUPPORTED,
        uri,
        Message.of(
            "%s cannot be used: the %s connector is not on the class path, or is not complete"
                + " (%s).",
            Printable.of(uri), store.connector(), Printable.of(String.valueOf(cause.getMessage()))),
        Remedy.text(
            Message.of(
                "Put the jars of the folder connectors/%s on the class path: in connectors/%s"
                    + " beside countersign.jar for the command, in lib/ of every Flink process on a"
                    + " cluster.",
                store.connector(), store.connector())),
        false,
        cause);
  }
}
