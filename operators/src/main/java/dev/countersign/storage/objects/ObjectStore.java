package dev.countersign.storage.objects;

import dev.countersign.storage.StorageException;
import dev.countersign.text.StoreUri;
import java.util.Map;
import java.util.Set;

/**
 * A kind of object store, found through {@link java.util.ServiceLoader}. Its class must load
 * without the libraries that its clients need, which may be missing. Thread safe.
 */
public interface ObjectStore {

  /** Returns the schemes of its URIs, in lower case. */
  Set<String> schemes();

  /** Returns the name of the connector, which is that of its folder, such as {@code s3}. */
  String connector();

  /**
   * Makes a client for a bucket. Sends no request. Callers keep it for as long as the settings are
   * the same.
   *
   * @param store whose authority names the bucket or container, and the account where there are
   *     some; its path is of no account
   * @param settings as in {@link dev.countersign.storage.Storages#configure}
   * @throws StorageException {@link StorageException.Kind#UNSUPPORTED} if a setting excludes that
   *     models can be verified, or if the authority is none
   * @throws LinkageError if the connector's libraries are missing
   */
  ObjectClient open(StoreUri store, Map<String, String> settings) throws StorageException;

  /**
   * Tells whether the site's configuration or the settings name the account or endpoint of a URI,
   * so that credentials may be sent there. Sends no request.
   */
  boolean namesStore(StoreUri uri, Map<String, String> settings) throws StorageException;
}
