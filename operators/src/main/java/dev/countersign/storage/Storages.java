package dev.countersign.storage;

import dev.countersign.text.Printable;
import dev.countersign.text.StoreUri;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * Finds the store that a URI lies in, and takes URIs apart.
 *
 * <p>A URI is an absolute local path without a scheme ({@code /lake/m1}) or {@code
 * scheme://authority/path}; it has no trailing slash and is not percent-encoded. {@link #absolute}
 * makes such a URI of what a user wrote; all else here expects one. Thread safe.
 */
public final class Storages {

  private static final List<StorageProvider> PROVIDERS =
      ServiceLoader.load(StorageProvider.class, Storages.class.getClassLoader()).stream()
          .map(ServiceLoader.Provider::get)
          .toList();

  private static volatile Map<String, String> settings = Map.of();

  private Storages() {}

  /**
   * Sets what stores are configured with beside the files in {@code HADOOP_CONF_DIR} and on the
   * class path, for this process, from the next {@link #forUri} on.
   *
   * @param hadoopSettings keys as in {@code core-site.xml}, such as {@code fs.s3a.endpoint}; they
   *     take precedence over the files; other stores have no settings
   */
  public static void configure(Map<String, String> hadoopSettings) {
    settings = Map.copyOf(hadoopSettings);
  }

  /** Returns the settings that {@link #configure} was given. */
  static Map<String, String> settings() {
    return settings;
  }

  /**
   * Returns the store that a URI lies in.
   *
   * @throws StorageException {@link StorageException.Kind#UNSUPPORTED} if no store has this scheme;
   *     others if the store cannot be reached
   */
  public static ModelStorage forUri(String uri) throws StorageException {
    return providerOf(uri).storage(uri, settings);
  }

  /**
   * Returns the content of a file whose size has a fixed limit, which no option raises.
   *
   * @throws StorageException {@link StorageException.Kind#LIMIT_EXCEEDED} if it is larger; others
   *     as {@link #forUri} and {@link ModelStorage#readFully}
   */
  public static byte[] readFully(String uri, int maxMebibytes) throws StorageException {
    try {
      return StoreCall.patiently(() -> forUri(uri).readFully(uri, (long) maxMebibytes << 20));
    } catch (StorageException e) {
      if (e.kind() != StorageException.Kind.LIMIT_EXCEEDED) {
        throw e;
      }
      throw StorageException.of(
          StorageException.Kind.LIMIT_EXCEEDED,
          uri,
          e,
          "%s is larger than %d MiB, the limit. Check its name.",
          Printable.of(uri),
          maxMebibytes);
    }
  }

  /**
   * Does nothing if {@link #forUri} has a store for a URI's scheme. Sends no request.
   *
   * @throws StorageException {@link StorageException.Kind#UNSUPPORTED} if not
   */
  public static void requireFileSystem(String uri) throws StorageException {
    providerOf(uri).requireFileSystem(uri, settings);
  }

  /**
   * Tells whether a URI is in a store that the site's configuration or {@link #configure} named, or
   * on this host. Any other host is one that only the URI's author knows. Sends no request.
   */
  public static boolean isConfigured(String uri) throws StorageException {
    return providerOf(uri).namesStore(uri, settings);
  }

  /**
   * Tells whether each call to the store of a URI may wait for a network, so that many calls at
   * once are faster than one after the other. A mounted network drive counts as local.
   */
  public static boolean isRemote(String uri) {
    return !uri.startsWith("/");
  }

  /**
   * Returns the URI that a user means.
   *
   * @param pathOrUri a path, absolute or relative to {@code workingDirectory}, or a URI; may hold
   *     {@code .}, {@code ..}, doubled and trailing slashes, which are resolved by spelling alone
   * @param workingDirectory a URI
   */
  public static String absolute(String pathOrUri, String workingDirectory) {
    StoreUri uri =
        StoreUri.isAbsolute(pathOrUri)
            ? StoreUri.parse(pathOrUri)
            : StoreUri.parse(workingDirectory).resolve(pathOrUri);
    return uri.toString();
  }

  /**
   * Returns the URI of a model or bundle that a user means, as {@link #absolute}. In a store that
   * keeps keys rather than paths, {@code a//b} and {@code a/b} are two things, and nobody can tell
   * which one was meant.
   *
   * @throws StorageException {@link StorageException.Kind#NAME} if it would mean something else
   *     once it is normalised
   */
  public static String exact(String pathOrUri, String workingDirectory) throws StorageException {
    String uri = absolute(pathOrUri, workingDirectory);
    for (StorageProvider provider : PROVIDERS) {
      if (provider.takes(uri)) {
        provider.requireExact(uri, pathOrUri);
        break;
      }
    }
    return uri;
  }

  /**
   * Returns a URI's true place: all links in it are resolved as far as it exists. Two URIs of one
   * file have one true place, unless the file has two hard links.
   */
  public static String resolveLinks(String uri) throws StorageException {
    return providerOf(uri).resolveLinks(uri);
  }

  /**
   * Returns the URI of the file that a new one at {@code uri} replaces, if the user names it as a
   * whole: where a link leads.
   *
   * @throws StorageException {@link StorageException.Kind#NOT_WRITABLE} if a pipe, a socket or a
   *     device is there, or a link that leads nowhere
   */
  public static String replaced(String uri) throws StorageException {
    return providerOf(uri).replaced(uri);
  }

  /** Returns the URI of {@code name}, which may have several segments, below {@code uri}. */
  public static String child(String uri, String name) {
    return uri.endsWith("/") ? uri + name : uri + "/" + name;
  }

  /** Returns the folder that a URI lies in; of a root, itself. */
  public static String parent(String uri) {
    StoreUri parts = StoreUri.parse(uri);
    return parts
        .withPath(parts.path().substring(0, parts.path().lastIndexOf('/')) + "/")
        .toString();
  }

  /** Returns the last segment of a URI; of a store's root its authority, of {@code /} nothing. */
  public static String baseName(String uri) {
    StoreUri parts = StoreUri.parse(uri);
    return parts.path().equals("/")
        ? parts.authority()
        : parts.path().substring(parts.path().lastIndexOf('/') + 1);
  }

  private static StorageProvider providerOf(String uri) throws StorageException {
    for (StorageProvider provider : PROVIDERS) {
      if (provider.takes(uri)) {
        return provider;
      }
    }
    throw StorageException.of(
        StorageException.Kind.UNSUPPORTED,
        uri,
        "%s is neither an absolute path of this host nor a URI that begins with scheme://."
            + " Write it so.",
        Printable.of(uri));
  }
}
