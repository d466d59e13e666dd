package dev.countersign.storage;

import java.util.Map;

/**
 * A family of stores, found through {@link java.util.ServiceLoader}. The first one that takes a URI
 * gets it. Must load nothing heavy before {@link #storage} is called. Thread safe.
 */
public interface StorageProvider {

  /** Tells whether a URI may be one of this family's, by its looks alone. */
  boolean takes(String uri);

  /**
   * Returns the store that a URI lies in, the same for the same store and settings.
   *
   * @param settings what {@link Storages#configure} was given
   */
  ModelStorage storage(String uri, Map<String, String> settings) throws StorageException;

  /**
   * Does nothing if {@link #storage} may be called for a URI. Sends no request.
   *
   * @throws StorageException {@link StorageException.Kind#UNSUPPORTED} if its scheme has no file
   *     system that is shipped or that somebody asked for
   */
  void requireFileSystem(String uri, Map<String, String> settings) throws StorageException;

  /** Tells whether the site's configuration or {@code settings} name the store. No request. */
  boolean namesStore(String uri, Map<String, String> settings) throws StorageException;

  /**
   * Refuses a name that would mean something else once it is normalised, where the store takes all
   * names as they are.
   *
   * @param uri what the name means, normalised
   * @param written the name as somebody wrote it; may be relative
   * @throws StorageException {@link StorageException.Kind#NAME} if it would
   */
  default void requireExact(String uri, String written) throws StorageException {}

  /**
   * Returns a URI's true place, with all links in it resolved as far as it exists; the URI itself
   * in stores without links.
   */
  String resolveLinks(String uri) throws StorageException;

  /**
   * Returns the URI of the file that a new one at {@code uri} replaces: where a link leads, the URI
   * itself in stores without links.
   *
   * @throws StorageException {@link StorageException.Kind#NOT_WRITABLE} if no file may replace what
   *     is there, such as a device
   */
  default String replaced(String uri) throws StorageException {
    return uri;
  }
}
