package dev.countersign.storage.gcs;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.hadoop.HadoopConfiguration;
import dev.countersign.storage.rest.RestClient;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;

/**
 * What the settings of Google's connector say about requests to a bucket. Those that concern its
 * streams, its retries and its folders have no meaning here.
 *
 * @param root where the API is, with a slash at its end
 * @param service path of the API below the root, with a slash at its end
 * @param credentials empty if requests are anonymous
 * @param payer project that pays for requests; empty for that of the bucket
 * @param headers of every request
 * @param encryption headers that carry a key with which objects are encrypted; empty if none is set
 * @param pageSize most objects in a page of a listing
 */
record GcsSettings(
    URI root,
    String service,
    GcsCredentials credentials,
    String payer,
    Map<String, String> headers,
    Map<String, String> encryption,
    int pageSize,
    Duration connect,
    Duration patience,
    Optional<ProxySelector> proxy) {

  private static final String ROOT = "fs.gs.storage.root.url";
  private static final String PROXY = "fs.gs.proxy.address";
  private static final String PAYS = "fs.gs.requester.pays.mode";
  private static final String KEY = "fs.gs.encryption.key";

  /** The most that the API returns. */
  private static final int LARGEST_PAGE = 1000;

  /**
   * Reads settings.
   *
   * @param uri for messages
   * @throws StorageException {@link StorageException.Kind#UNSUPPORTED} if one makes no sense
   */
  static GcsSettings of(String uri, String bucket, Configuration site) throws StorageException {
    try {
      return new GcsSettings(
          root(uri, site),
          withSlash(site.getTrimmed("fs.gs.storage.service.path", "storage/v1/")),
          GcsCredentials.of(site),
          payer(uri, bucket, site),
          Map.copyOf(site.getPropsWithPrefix("fs.gs.storage.http.headers.")),
          encryption(site),
          Math.min(
              Math.max(
                  HadoopConfiguration.number(
                      uri, site, "fs.gs.list.max.items.per.call", LARGEST_PAGE),
                  1),
              LARGEST_PAGE),
          duration(uri, site, "fs.gs.http.connect-timeout", 5),
          duration(uri, site, "fs.gs.http.read-timeout", 30),
          proxy(uri, site));
    } catch (IllegalArgumentException e) {
      throw StorageException.of(
          StorageException.Kind.UNSUPPORTED,
          uri,
          e,
          "%s cannot be used: a setting fs.gs.* is malformed (%s). Correct it.",
          Printable.of(uri),
          Printable.of(String.valueOf(e.getMessage())));
    } catch (IOException e) {
      throw StorageException.of(
          StorageException.Kind.UNSUPPORTED,
          uri,
          e,
          "%s cannot be used: %s cannot be read from the site's credential provider. Check"
              + " hadoop.security.credential.provider.path.",
          Printable.of(uri),
          KEY);
    }
  }

  /** Returns a client with these time-outs. */
  RestClient client() {
    return new RestClient(connect, patience, proxy);
  }

  private static URI root(String uri, Configuration site) throws StorageException {
    String text = withSlash(site.getTrimmed(ROOT, "https://storage.googleapis.com/"));
    URI root = URI.create(text);
    if (root.getHost() == null || !text.matches("https?://.*")) {
      throw unsupported(uri, ROOT, text, "Write https://HOST/.");
    }
    return root;
  }

  private static String payer(String uri, String bucket, Configuration site)
      throws StorageException {
    String mode = site.getTrimmed(PAYS, "DISABLED").toUpperCase(Locale.ROOT);
    String project = site.getTrimmed("fs.gs.requester.pays.project.id", "");
    return switch (mode) {
      case "DISABLED" -> "";
      case "ENABLED" -> project;
      case "CUSTOM" ->
          site.getTrimmedStringCollection("fs.gs.requester.pays.buckets").contains(bucket)
              ? project
              : "";
      default ->
          throw unsupported(
              uri, PAYS, mode, "Set it to ENABLED, or to CUSTOM and name the buckets.");
    };
  }

  private static Map<String, String> encryption(Configuration site) throws IOException {
    String algorithm = site.getTrimmed("fs.gs.encryption.algorithm", "");
    char[] key = site.getPassword(KEY);
    char[] hash = site.getPassword(KEY + ".hash");
    if (algorithm.isEmpty() || key == null || hash == null) {
      return Map.of();
    }
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("x-goog-encryption-algorithm", algorithm);
    headers.put("x-goog-encryption-key", new String(key).strip());
    headers.put("x-goog-encryption-key-sha256", new String(hash).strip());
    return headers;
  }

  private static Optional<ProxySelector> proxy(String uri, Configuration site)
      throws StorageException {
    String address = site.getTrimmed(PROXY, "");
    if (address.isEmpty()) {
      return Optional.empty();
    }
    if (!site.getTrimmed("fs.gs.proxy.username", "").isEmpty()) {
      throw unsupported(
          uri, "fs.gs.proxy.username", "...", "Name a proxy that asks for no password.");
    }
    URI proxy = URI.create(address.contains("://") ? address : "http://" + address);
    if (proxy.getHost() == null || proxy.getPort() < 0) {
      throw unsupported(uri, PROXY, address, "Write HOST:PORT.");
    }
    return Optional.of(
        ProxySelector.of(InetSocketAddress.createUnresolved(proxy.getHost(), proxy.getPort())));
  }

  private static StorageException unsupported(String uri, String key, String value, String remedy) {
    return StorageException.of(
        StorageException.Kind.UNSUPPORTED,
        uri,
        "%s cannot be used: %s is '%s', which is not supported. %s",
        Printable.of(uri),
        key,
        Printable.of(value),
        remedy);
  }

  private static Duration duration(String uri, Configuration site, String key, int seconds)
      throws StorageException {
    return Duration.ofMillis(
        Math.max(
            HadoopConfiguration.millis(uri, site, key, TimeUnit.MILLISECONDS, seconds * 1000L), 1));
  }

  private static String withSlash(String text) {
    return text.endsWith("/") ? text : text + "/";
  }
}
