package dev.countersign.storage.s3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.text.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An S3 that stores every key as it is, which no server at hand does, keeps all versions, logs each
 * request, and fails as a test wants. Signatures are not checked. Buckets whose name begins with
 * {@code missing} do not exist; all others do.
 */
public final class FakeS3 implements AutoCloseable {

  /** A request as it arrived. */
  public record Request(
      String method, String bucket, String key, Map<String, String> query, @Nullable String range) {

    /** What it asks for, as in the names of S3's actions. */
    String action() {
      if (key.isEmpty()) {
        return query.containsKey("versions") ? "LIST VERSIONS" : "LIST";
      }
      return method;
    }
  }

  /** Answers a request in place of the server. */
  @FunctionalInterface
  public interface Fault {
    /** Answers and returns true, or returns false for the server to answer. */
    boolean answer(HttpExchange exchange, Request request) throws IOException;
  }

  private static final String RESTORED =
      "<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>"
          + "2029-12-21T00:00:00.000Z</RestoreExpiryDate></RestoreStatus>";

  private static final class Version {
    private final String id;
    private final byte[] content;
    private final String storageClass;
    private final boolean restored;

    Version(String id, byte[] content, String storageClass, boolean restored) {
      this.id = id;
      this.content = content;
      this.storageClass = storageClass;
      this.restored = restored;
    }

    String tag() {
      try {
        byte[] md5 = MessageDigest.getInstance("MD5").digest(content);
        return '"' + HexFormat.of().formatHex(md5) + '"';
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static final int MOST_KEYS = 1000;

  static {
    // Else each answer waits for the client's delayed acknowledgement.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final Map<String, NavigableMap<String, List<Version>>> buckets = new HashMap<>();
  private final List<Request> log = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private volatile Fault fault = (exchange, request) -> false;
  private int versions;

  /** Starts it on a free port. */
  public FakeS3() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  /** Returns the URL that clients are configured with. */
  public String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Returns what a client needs, for {@code Storages.configure}. */
  public Map<String, String> settings() {
    return settings(endpoint());
  }

  /** Returns what a client of an endpoint needs. */
  public static Map<String, String> settings(String endpoint) {
    return Map.of(
        "fs.s3a.endpoint", endpoint,
        "fs.s3a.endpoint.region", "us-east-1",
        "fs.s3a.path.style.access", "true",
        "fs.s3a.access.key", "labkey",
        "fs.s3a.secret.key", "labsecret123");
  }

  /** Answers with a fault from now on. */
  public void fail(Fault how) {
    fault = how;
  }

  /** Returns the requests so far. */
  public List<Request> log() {
    return List.copyOf(log);
  }

  /** Stores an object. */
  public synchronized void put(String bucket, String key, byte[] content) {
    put(bucket, key, content, "STANDARD", false);
  }

  /** Stores an object in a class of storage, and tells whether it was restored. */
  public synchronized void put(
      String bucket, String key, byte[] content, String storageClass, boolean restored) {
    String id = "v" + ++versions;
    bucket(bucket)
        .computeIfAbsent(key, unused -> new ArrayList<>())
        .add(new Version(id, content, storageClass, restored));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  /** Sends an error of S3's. */
  public static boolean error(HttpExchange exchange, int status, String code, String message)
      throws IOException {
    String body =
        Message.of(
            "<?xml version=\"1.0\""
                + " encoding=\"UTF-8\"?><Error><Code>%s</Code><Message>%s</Message></Error>",
            code, escaped(message));
    return send(exchange, status, body.getBytes(UTF_8));
  }

  /** Sends an answer. */
  public static boolean send(HttpExchange exchange, int status, byte[] body) throws IOException {
    boolean isBodiless = exchange.getRequestMethod().equals("HEAD") || body.length == 0;
    exchange.sendResponseHeaders(status, isBodiless ? -1 : body.length);
    if (!isBodiless) {
      exchange.getResponseBody().write(body);
    }
    exchange.close();
    return true;
  }

  private void handle(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    String path = exchange.getRequestURI().getRawPath().substring(1);
    int slash = path.indexOf('/');
    Request request =
        new Request(
            exchange.getRequestMethod(),
            slash < 0 ? path : path.substring(0, slash),
            slash < 0 ? "" : decoded(path.substring(slash + 1)),
            query(exchange.getRequestURI().getRawQuery()),
            exchange.getRequestHeaders().getFirst("Range"));
    log.add(request);
    if (fault.answer(exchange, request)) {
      return;
    }
    if (request.bucket().startsWith("missing")) {
      error(exchange, 404, "NoSuchBucket", "The specified bucket does not exist");
      return;
    }
    answer(exchange, request, body);
  }

  private synchronized void answer(HttpExchange exchange, Request request, byte[] body)
      throws IOException {
    List<Version> stored = bucket(request.bucket()).get(request.key());
    switch (request.action()) {
      case "LIST", "LIST VERSIONS" -> list(exchange, request);
      case "GET", "HEAD" -> read(exchange, request, version(stored, request.query()));
      case "PUT" -> write(exchange, request, version(stored, Map.of()), body);
      case "DELETE" -> {
        bucket(request.bucket()).remove(request.key());
        send(exchange, 204, new byte[0]);
      }
      default -> error(exchange, 405, "MethodNotAllowed", "no");
    }
  }

  private static @Nullable Version version(
      @Nullable List<Version> stored, Map<String, String> query) {
    if (stored == null) {
      return null;
    }
    String id = query.get("versionId");
    return id == null
        ? stored.get(stored.size() - 1)
        : stored.stream().filter(one -> one.id.equals(id)).findFirst().orElse(null);
  }

  private static void read(HttpExchange exchange, Request request, @Nullable Version found)
      throws IOException {
    if (found == null) {
      error(exchange, 404, "NoSuchKey", "The specified key does not exist.");
      return;
    }
    String condition = exchange.getRequestHeaders().getFirst("If-match");
    if (condition != null && !condition.equals(found.tag())) {
      error(exchange, 412, "PreconditionFailed", "no match");
      return;
    }
    if (request.method().equals("GET") && isArchived(found)) {
      error(exchange, 403, "InvalidObjectState", "Not valid for the object's storage class");
      return;
    }
    describe(exchange, found);
    if (request.method().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", "" + found.content.length);
      send(exchange, 200, new byte[0]);
      return;
    }
    String range = request.range();
    if (range == null) {
      send(exchange, 200, found.content);
      return;
    }
    int length = found.content.length;
    String[] ends = range.substring("bytes=".length()).split("-", -1);
    int from = Integer.parseInt(ends[0]);
    int to = Math.min(length - 1, Integer.parseInt(ends[1]));
    if (from >= length) {
      error(exchange, 416, "InvalidRange", "The requested range is not satisfiable");
      return;
    }
    exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + to + "/" + length);
    send(exchange, 206, Arrays.copyOfRange(found.content, from, to + 1));
  }

  private static boolean isArchived(Version found) {
    return !found.restored && List.of("GLACIER", "DEEP_ARCHIVE").contains(found.storageClass);
  }

  private static void describe(HttpExchange exchange, Version found) {
    exchange.getResponseHeaders().set("ETag", found.tag());
    exchange.getResponseHeaders().set("x-amz-version-id", found.id);
    exchange.getResponseHeaders().set("Last-Modified", "Mon, 30 Nov 2026 12:00:00 GMT");
    exchange.getResponseHeaders().set("x-amz-storage-class", found.storageClass);
    if (found.restored) {
      exchange
          .getResponseHeaders()
          .set(
              "x-amz-restore",
              "ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2029 00:00:00 GMT\"");
    }
  }

  private void write(HttpExchange exchange, Request request, @Nullable Version found, byte[] body)
      throws IOException {
    String match = exchange.getRequestHeaders().getFirst("If-match");
    boolean isAbsent = "*".equals(exchange.getRequestHeaders().getFirst("If-none-match"));
    if (match != null && found == null) {
      error(exchange, 404, "NoSuchKey", "The specified key does not exist.");
      return;
    }
    if ((isAbsent && found != null)
        || (match != null && found != null && !found.tag().equals(match))) {
      error(exchange, 412, "PreconditionFailed", "a condition did not hold");
      return;
    }
    boolean isChunked =
        "aws-chunked".equals(exchange.getRequestHeaders().getFirst("Content-encoding"));
    put(request.bucket(), request.key(), isChunked ? unchunked(body) : body);
    List<Version> stored = bucket(request.bucket()).get(request.key());
    describe(exchange, stored.get(stored.size() - 1));
    send(exchange, 200, new byte[0]);
  }

  private void list(HttpExchange exchange, Request request) throws IOException {
    boolean isOfVersions = request.action().equals("LIST VERSIONS");
    Map<String, String> query = request.query();
    String prefix = query.getOrDefault("prefix", "");
    String delimiter = query.getOrDefault("delimiter", "");
    String after = query.getOrDefault(isOfVersions ? "key-marker" : "continuation-token", "");
    int most = Integer.parseInt(query.getOrDefault("max-keys", "" + MOST_KEYS));
    boolean isUrl = "url".equals(query.get("encoding-type"));
    boolean isRestoreAsked =
        exchange.getRequestHeaders().containsKey("X-amz-optional-object-attributes");
    StringBuilder entries = new StringBuilder();
    TreeSet<String> common = new TreeSet<>();
    String last = "";
    boolean isTruncated = false;
    int count = 0;
    for (Map.Entry<String, List<Version>> entry : bucket(request.bucket()).entrySet()) {
      String key = entry.getKey();
      if (!key.startsWith(prefix) || (!after.isEmpty() && ORDER.compare(key, after) <= 0)) {
        continue;
      }
      int end = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
      if (end >= 0) {
        common.add(key.substring(0, end + 1));
        last = key;
        continue;
      }
      if (count == most) {
        isTruncated = true;
        break;
      }
      count++;
      last = key;
      List<Version> all = entry.getValue();
      List<Version> shown = isOfVersions ? all : all.subList(all.size() - 1, all.size());
      for (int i = 0; i < shown.size(); i++) {
        entries.append(
            entry(key, shown.get(i), i == shown.size() - 1, isRestoreAsked, isOfVersions, isUrl));
      }
    }
    String next =
        isOfVersions
            ? "<NextKeyMarker>%s</NextKeyMarker><NextVersionIdMarker>v</NextVersionIdMarker>"
            : "<NextContinuationToken>%s</NextContinuationToken>";
    String root = isOfVersions ? "ListVersionsResult" : "ListBucketResult";
    String answer =
        Message.of(
            "<?xml version=\"1.0\""
                + " encoding=\"UTF-8\"?><%s><Name>%s</Name><Prefix>%s</Prefix>%s<IsTruncated>%s</IsTruncated>%s%s%s</%s>",
            root,
            request.bucket(),
            spelled(prefix, isUrl),
            isUrl ? "<EncodingType>url</EncodingType>" : "",
            isTruncated,
            isTruncated
                ? next.replace("%s", isOfVersions ? spelled(last, isUrl) : escaped(last))
                : "",
            entries,
            common.stream()
                .map(
                    one ->
                        "<CommonPrefixes><Prefix>"
                            + spelled(one, isUrl)
                            + "</Prefix></CommonPrefixes>")
                .collect(Collectors.joining()),
            root);
    exchange.getResponseHeaders().set("Content-Type", "application/xml");
    send(exchange, 200, answer.getBytes(UTF_8));
  }

  private static String entry(
      String key,
      Version version,
      boolean isLatest,
      boolean isRestoreAsked,
      boolean isOfVersions,
      boolean isUrl) {
    String element = isOfVersions ? "Version" : "Contents";
    return Message.of(
        "<%s><Key>%s</Key>%s<LastModified>2026-11-30T12:00:00.123Z</LastModified><ETag>%s</ETag><Size>%d</Size><StorageClass>%s</StorageClass>%s</%s>",
        element,
        spelled(key, isUrl),
        isOfVersions
            ? "<VersionId>" + version.id + "</VersionId><IsLatest>" + isLatest + "</IsLatest>"
            : "",
        version.tag().replace("\"", "&quot;"),
        version.content.length,
        version.storageClass,
        version.restored && isRestoreAsked ? RESTORED : "",
        element);
  }

  /** The order of S3: that of the keys' bytes. */
  private static final Comparator<String> ORDER =
      (one, other) -> Arrays.compareUnsigned(one.getBytes(UTF_8), other.getBytes(UTF_8));

  private NavigableMap<String, List<Version>> bucket(String name) {
    return buckets.computeIfAbsent(name, unused -> new TreeMap<>(ORDER));
  }

  private static String spelled(String text, boolean isUrl) {
    return isUrl ? URLEncoder.encode(text, UTF_8).replace("%2F", "/") : escaped(text);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static Map<String, String> query(@Nullable String text) {
    Map<String, String> query = new HashMap<>();
    for (String part : text == null ? new String[0] : text.split("&")) {
      int equals = part.indexOf('=');
      query.put(
          equals < 0 ? part : part.substring(0, equals),
          equals < 0 ? "" : decoded(part.substring(equals + 1)));
    }
    return query;
  }

  /** Decodes percent signs alone: a plus is a plus. */
  private static String decoded(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] raw = text.getBytes(ISO_8859_1);
    for (int i = 0; i < raw.length; i++) {
      if (raw[i] == '%') {
        bytes.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        bytes.write(raw[i]);
      }
    }
    return bytes.toString(UTF_8);
  }

  /** Returns the content of a body in chunks as the SDK sends it. */
  private static byte[] unchunked(byte[] body) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    int at = 0;
    while (at < body.length) {
      int end = at;
      while (body[end] != '\n') {
        end++;
      }
      String head = new String(body, at, end - 1 - at, ISO_8859_1);
      int length = Integer.parseInt(head.split(";", 2)[0], 16);
      if (length == 0) {
        break;
      }
      content.write(body, end + 1, length);
      at = end + 1 + length + 2;
    }
    return content.toByteArray();
  }
}
