package dev.countersign.storage.abfs;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.hadoop.HadoopConfiguration;
import dev.countersign.storage.rest.RestClient;
import dev.countersign.text.Printable;
import dev.countersign.text.StoreUri;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * What the settings of Hadoop's connector say about requests to a container. Those that concern its
 * streams, its retries and its folders have no meaning here.
 *
 * @param uri of the container, as it was named
 * @param base of all requests: of the endpoint for blobs, without a slash at its end
 * @param encryption headers that carry a key with which blobs are encrypted; empty if none is set
 * @param pageSize most blobs in a page of a listing
 */
record AbfsContainer(
    String uri,
    AbfsAccount account,
    URI base,
    AbfsCredentials credentials,
    Map<String, String> encryption,
    int pageSize,
    Duration connect,
    Duration patience) {

  private static final String ENDPOINT = "fs.azure.abfs.endpoint";
  private static final String ENCRYPTION = "fs.azure.encryption.encoded.client-provided-key";
  private static final String CONTEXTS = "fs.azure.encryption.context.provider.type";

  /** The most that the API returns. */
  private static final int LARGEST_PAGE = 5000;

  /**
   * Reads settings.
   *
   * @throws StorageException {@link StorageException.Kind#UNSUPPORTED} if one makes no sense, or
   *     there are no credentials
   */
  static AbfsContainer of(StoreUri store, AbfsAccount account, Configuration site)
      throws StorageException {
    String uri = store.toString();
    // First, since what makes the credentials does not name a number that it cannot read.
    int page = HadoopConfiguration.number(uri, site, "fs.azure.list.max.results", LARGEST_PAGE);
    Duration connecting = millis(uri, site, "fs.azure.http.connection.timeout", 5_000);
    Duration reading = millis(uri, site, "fs.azure.http.read.timeout", 30_000);
    AbfsCredentials credentials = AbfsCredentials.of(uri, account, site);
    boolean encrypted =
        credentials.isBearer()
            || store.scheme().equals("abfss")
            || site.getBoolean("fs.azure.always.use.https", true);
    return new AbfsContainer(
        uri,
        account,
        base(uri, encrypted ? "https" : "http", account, site.getTrimmed(ENDPOINT, "")),
        credentials,
        encryption(uri, account, site),
        Math.min(Math.max(page, 1), LARGEST_PAGE),
        connecting,
        reading);
  }

  /** Returns a client with these time-outs. */
  RestClient client() {
    return new RestClient(connect, patience, Optional.empty());
  }

  private static URI base(String uri, String scheme, AbfsAccount account, String endpoint)
      throws StorageException {
    String text =
        endpoint.isEmpty()
            ? scheme + "://" + account.host().replaceFirst("\\.dfs\\.", ".blob.")
            : scheme + "://" + endpoint + "/" + account.name();
    try {
      return URI.create(text + "/" + account.container());
    } catch (IllegalArgumentException e) {
      throw StorageException.of(
          StorageException.Kind.UNSUPPORTED,
          uri,
          e,
          "%s cannot be used: %s is '%s', which is not an endpoint. Write HOST:PORT.",
          Printable.of(uri),
          ENDPOINT,
          Printable.of(endpoint));
    }
  }

  private static Map<String, String> encryption(String uri, AbfsAccount account, Configuration site)
      throws StorageException {
    if (site.get(CONTEXTS) != null || site.get(CONTEXTS + "." + account.host()) != null) {
      throw StorageException.of(
          StorageException.Kind.UNSUPPORTED,
          uri,
          "%s cannot be used: %s is set, and blobs with a key of their own are not supported."
              + " Encrypt with a key of the account.",
          Printable.of(uri),
          CONTEXTS);
    }
    try {
      String key = secret(site, ENCRYPTION, account.host());
      String hash = secret(site, ENCRYPTION + "-sha", account.host());
      if (key.isEmpty() || hash.isEmpty()) {
        return Map.of();
      }
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put("x-ms-encryption-algorithm", "AES256");
      headers.put("x-ms-encryption-key", key);
      headers.put("x-ms-encryption-key-sha256", hash);
      return headers;
    } catch (IOException e) {
      throw StorageException.of(
          StorageException.Kind.UNSUPPORTED,
          uri,
          e,
          "%s cannot be used: %s cannot be read from the site's credential provider. Check"
              + " hadoop.security.credential.provider.path.",
          Printable.of(uri),
          ENCRYPTION);
    }
  }

  private static String secret(Configuration site, String key, String host) throws IOException {
    char[] own = site.getPassword(key + "." + host);
    char[] found = own == null ? site.getPassword(key) : own;
    return found == null ? "" : new String(found).strip();
  }

  private static Duration millis(String uri, Configuration site, String key, int otherwise)
      throws StorageException {
    return Duration.ofMillis(Math.max(HadoopConfiguration.number(uri, site, key, otherwise), 1));
  }
}
