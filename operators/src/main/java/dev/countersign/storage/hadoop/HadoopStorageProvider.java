package dev.countersign.storage.hadoop;

import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageProvider;
import dev.countersign.text.StoreUri;
import java.util.Map;

/**
 * Takes all URIs with a scheme but {@code file:}. Made by {@link java.util.ServiceLoader}, also
 * where no model lies on such a store, so it names no Hadoop class.
 */
public final class HadoopStorageProvider implements StorageProvider {

  @Override
  public boolean takes(String uri) {
    if (!StoreUri.isAbsolute(uri)) {
      return false;
    }
    StoreUri parts = StoreUri.parse(uri);
    return !parts.isLocal() && !parts.scheme().equals("file");
  }

  @Override
  public ModelStorage storage(String uri, Map<String, String> settings) throws StorageException {
    return HadoopStorage.of(uri, settings);
  }

  @Override
  public void requireFileSystem(String uri, Map<String, String> settings) throws StorageException {
    HadoopConfiguration.requireFileSystem(uri, settings);
  }

  @Override
  public boolean namesStore(String uri, Map<String, String> settings) throws StorageException {
    return HadoopConfiguration.namesStore(uri, settings);
  }

  /** Returns the URI: links are never followed here. */
  @Override
  public String resolveLinks(String uri) {
    return uri;
  }
}
