package dev.countersign.storage.gcs;

import dev.countersign.storage.RequestCounts;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.objects.LostAnswers;
import dev.countersign.storage.objects.ObjectClient;
import dev.countersign.storage.objects.ObjectContent;
import dev.countersign.storage.objects.ObjectPage;
import dev.countersign.storage.objects.PutCondition;
import dev.countersign.storage.objects.StoredKey;
import dev.countersign.storage.rest.Escaped;
import dev.countersign.storage.rest.RestAnswer;
import dev.countersign.storage.rest.RestClient;
import dev.countersign.storage.rest.RestFaults;
import dev.countersign.storage.rest.RestFaults.Refusal;
import dev.countersign.storage.rest.RestRequest;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One bucket of Google Cloud Storage. Each call is one request of the JSON API. The version of an
 * object is its generation.
 */
final class GcsObjectClient implements ObjectClient {

  private static final String STORE = "Google Cloud Storage";
  private static final String FIELDS = "name,size,generation,timeCreated";
  private static final String GRANT = "Grant it, or name other credentials with fs.gs.auth.*.";
  private static final String CREDENTIALS = "Check the settings fs.gs.auth.*.";
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int PRECONDITION_FAILED = 412;

  private final String bucket;
  private final GcsSettings settings;
  private final RestClient http;

  GcsObjectClient(String bucket, GcsSettings settings) {
    this.bucket = bucket;
    this.settings = settings;
    this.http = settings.client();
  }

  @Override
  public ObjectPage list(String prefix, boolean recursive, String continueAt)
      throws StorageException {
    Map<String, String> query = query();
    query.put("fields", "kind,nextPageToken,prefixes,items(" + FIELDS + ")");
    query.put("maxResults", String.valueOf(settings.pageSize()));
    put(query, "prefix", prefix);
    put(query, "delimiter", recursive ? "" : "/");
    put(query, "pageToken", continueAt);
    Call call = new Call(RequestCounts.Kind.LIST, "GET", prefix, "storage.objects.list", false);
    RestAnswer answer = call.send(uri("", objects(), query), Map.of());
    call.requireDone(answer);
    try {
      return GcsAnswers.page(answer.body());
    } catch (IOException e) {
      throw RestFaults.notOfStore(uriOf(prefix), STORE, e);
    }
  }

  @Override
  public Optional<StoredKey> head(String key) throws StorageException {
    Map<String, String> query = query();
    query.put("fields", FIELDS);
    Call call = new Call(RequestCounts.Kind.HEAD, "GET", key, "storage.objects.get", false);
    RestAnswer answer = call.send(uri("", object(key), query), settings.encryption());
    if (answer.status() == NOT_FOUND) {
      requireBucket(key, answer);
      return Optional.empty();
    }
    call.requireDone(answer);
    try {
      return Optional.of(GcsAnswers.object(answer.body()));
    } catch (IOException e) {
      throw RestFaults.notOfStore(uriOf(key), STORE, e);
    }
  }

  @Override
  public void get(StoredKey planned, long start, byte[] buffer, int offset, int length)
      throws StorageException {
    String key = planned.key();
    Map<String, String> query = query();
    query.put("alt", "media");
    query.put("ifGenerationMatch", GcsAnswers.generation(planned.version()));
    Map<String, String> headers = new LinkedHashMap<>(settings.encryption());
    headers.put("Range", "bytes=" + start + "-" + (start + length - 1));
    // Otherwise, the server unpacks objects that are stored as gzip.
    headers.put("Accept-Encoding", "gzip");
    Call call = new Call(RequestCounts.Kind.GET, "GET", key, "storage.objects.get", false);
    RestAnswer answer =
        call.send(
            uri("download/", object(key), query),
            headers,
            Optional.empty(),
            ByteBuffer.wrap(buffer, offset, length));
    answer.requireStillThere(uriOf(key));
    call.requireDone(answer);
    String version = GcsAnswers.version(answer.header("x-goog-generation"));
    answer.requireRange(uriOf(key), planned, version, start, length);
  }

  @Override
  public String put(String key, ObjectContent content, PutCondition condition)
      throws StorageException {
    return LostAnswers.settled(
        this, key, content, condition, () -> putOnce(key, content, condition));
  }

  private String putOnce(String key, ObjectContent content, PutCondition condition)
      throws StorageException {
    Map<String, String> query = query();
    query.put("uploadType", "media");
    query.put("name", key);
    query.put("fields", FIELDS);
    switch (condition.kind()) {
      case ABSENT -> query.put("ifGenerationMatch", "0");
      case VERSION -> query.put("ifGenerationMatch", GcsAnswers.generation(condition.version()));
      case ANY -> {}
    }
    Map<String, String> headers = new LinkedHashMap<>(settings.encryption());
    headers.put("Content-Type", "application/octet-stream");
    Call call = new Call(RequestCounts.Kind.PUT, "POST", key, "storage.objects.create", true);
    RestAnswer answer =
        call.send(
            uri("upload/", objects(), query),
            headers,
            Optional.of(content),
            ByteBuffer.allocate(0));
    if (answer.status() == PRECONDITION_FAILED) {
      throw RestFaults.lostRace(uriOf(key));
    }
    call.requireDone(answer);
    try {
      return GcsAnswers.object(answer.body()).version();
    } catch (IOException e) {
      throw RestFaults.notOfStore(uriOf(key), STORE, e);
    }
  }

  @Override
  public void delete(String key) throws StorageException {
    Call call = new Call(RequestCounts.Kind.DELETE, "DELETE", key, "storage.objects.delete", true);
    RestAnswer answer = call.send(uri("", object(key), query()), Map.of());
    if (answer.status() != NOT_FOUND) {
      call.requireDone(answer);
    } else {
      requireBucket(key, answer);
    }
  }

  @Override
  public void close() {
    http.close();
  }

  private String objects() {
    return "b/" + Escaped.of(bucket) + "/o";
  }

  private String object(String key) {
    return objects() + "/" + Escaped.of(key);
  }

  private URI uri(String prefix, String path, Map<String, String> query) {
    return URI.create(
        settings.root()
            + prefix
            + settings.service()
            + path
            + (query.isEmpty() ? "" : "?" + Escaped.query(query)));
  }

  private Map<String, String> query() {
    Map<String, String> query = new LinkedHashMap<>();
    put(query, "userProject", settings.payer());
    return query;
  }

  private static void put(Map<String, String> query, String name, String value) {
    if (!value.isEmpty()) {
      query.put(name, value);
    }
  }

  private String uriOf(String key) {
    return "gs://" + bucket + "/" + key;
  }

  /** An object that is missing and one whose bucket is missing have the same status and reason. */
  private void requireBucket(String key, RestAnswer answer) throws StorageException {
    if (GcsAnswers.refusal(answer).message().contains("bucket does not exist")) {
      throw RestFaults.noBucket(uriOf(key), "bucket", bucket);
    }
  }

  /** One request about a key, and what its refusal means. */
  private final class Call {

    private final RequestCounts.Kind kind;
    private final String method;
    private final String key;
    private final String permission;
    private final boolean writing;

    Call(RequestCounts.Kind kind, String method, String key, String permission, boolean writing) {
      this.kind = kind;
      this.method = method;
      this.key = key;
      this.permission = permission;
      this.writing = writing;
    }

    RestAnswer send(URI uri, Map<String, String> headers) throws StorageException {
      return send(uri, headers, Optional.empty(), ByteBuffer.allocate(0));
    }

    RestAnswer send(
        URI uri, Map<String, String> headers, Optional<ObjectContent> body, ByteBuffer range)
        throws StorageException {
      Map<String, String> all = new LinkedHashMap<>(settings.headers());
      all.putAll(headers);
      authorize(uri).forEach((name, values) -> all.put(name, String.join(", ", values)));
      try {
        return http.send(new RestRequest(kind, method, uri, all, body), range);
      } catch (IOException e) {
        throw RestFaults.unanswered(uriOf(key), writing, e);
      }
    }

    private Map<String, List<String>> authorize(URI uri) throws StorageException {
      try {
        Map<String, List<String>> headers = settings.credentials().headers(uri);
        if (!headers.isEmpty() && !uri.getScheme().equals("https")) {
          throw StorageException.of(
              StorageException.Kind.UNSUPPORTED,
              uriOf(key),
              "%s cannot be used: whoever reads the network could use its token. Write"
                  + " fs.gs.storage.root.url with https://, or set"
                  + " fs.gs.auth.type=UNAUTHENTICATED.",
              Printable.of(uriOf(key)));
        }
        return headers;
      } catch (IOException e) {
        if (GcsCredentials.isTransient(e)) {
          throw RestFaults.unanswered(uriOf(key), writing, e);
        }
        throw RestFaults.badCredentials(uriOf(key), principal(), RestFaults.reason(e), CREDENTIALS);
      }
    }

    void requireDone(RestAnswer answer) throws StorageException {
      if (answer.isDone()) {
        return;
      }
      Refusal refusal = GcsAnswers.refusal(answer);
      throw switch (refusal.status()) {
        case UNAUTHORIZED ->
            RestFaults.badCredentials(uriOf(key), principal(), refusal.shown(), CREDENTIALS);
        case FORBIDDEN ->
            RestFaults.denied(
                uriOf(key),
                writing,
                refusal,
                GcsAnswers.permission(refusal).orElse(permission),
                GcsAnswers.principal(refusal).orElseGet(this::principal),
                GRANT);
        case NOT_FOUND -> RestFaults.noBucket(uriOf(key), "bucket", bucket);
        default -> RestFaults.refused(uriOf(key), writing, refusal);
      };
    }

    private String principal() {
      return settings.credentials().principal();
    }
  }
}
