package dev.countersign.storage.abfs;

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
import dev.countersign.storage.rest.RestRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.azurebfs.extensions.SASTokenProvider;

/**
 * One container of a storage account. Each call is one request to the endpoint for blobs, which
 * accounts with a hierarchy have as well. The version of an object is its entity tag.
 */
final class AbfsObjectClient implements ObjectClient {

  /** Of the API; the first with names that XML cannot hold is of 2021. */
  private static final String API = "2021-12-02";

  /** Not that of the JDK, which writes days below ten with one digit. */
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);

  /**
   * Codes of conditions that do not hold; others of their statuses are about leases and the like.
   */
  private static final Set<String> LOST_RACES =
      Set.of("BlobAlreadyExists", "ConditionNotMet", "TargetConditionNotMet");

  private static final int NOT_FOUND = 404;

  private final AbfsContainer container;
  private final RestClient http;

  AbfsObjectClient(AbfsContainer container) {
    this.container = container;
    this.http = container.client();
  }

  @Override
  public ObjectPage list(String prefix, boolean recursive, String continueAt)
      throws StorageException {
    Map<String, String> query = new LinkedHashMap<>();
    query.put("restype", "container");
    query.put("comp", "list");
    query.put("include", "metadata");
    query.put("maxresults", String.valueOf(container.pageSize()));
    put(query, "prefix", prefix);
    put(query, "delimiter", recursive ? "" : "/");
    put(query, "marker", continueAt);
    Call call = new Call(RequestCounts.Kind.LIST, "GET", prefix, "read", false);
    RestAnswer answer =
        call.send(
            URI.create(container.base() + "?" + Escaped.query(query)),
            Map.of(),
            SASTokenProvider.LIST_OPERATION);
    call.requireDone(answer);
    try {
      return BlobListing.page(answer.body());
    } catch (IOException e) {
      throw AbfsFaults.notAzure(uriOf(prefix), e);
    }
  }

  @Override
  public Optional<StoredKey> head(String key) throws StorageException {
    Call call = new Call(RequestCounts.Kind.HEAD, "HEAD", key, "read", false);
    RestAnswer answer =
        call.send(uri(key), container.encryption(), SASTokenProvider.GET_STATUS_OPERATION);
    if (answer.status() == NOT_FOUND && !call.isOfContainer(answer)) {
      return Optional.empty();
    }
    call.requireDone(answer);
    try {
      StoredKey found =
          BlobListing.key(
              key,
              answer.number("Content-Length"),
              answer.header("ETag"),
              answer.header("Last-Modified"),
              answer.header("x-ms-access-tier"),
              answer.header("x-ms-meta-hdi_isfolder").equalsIgnoreCase("true")
                  || answer.header("x-ms-resource-type").equals("directory"));
      return found.key().equals(key) ? Optional.of(found) : Optional.empty();
    } catch (IOException e) {
      throw AbfsFaults.notAzure(uriOf(key), e);
    }
  }

  @Override
  public void get(StoredKey planned, long start, byte[] buffer, int offset, int length)
      throws StorageException {
    String key = planned.key();
    Map<String, String> headers = new LinkedHashMap<>(container.encryption());
    headers.put("x-ms-range", "bytes=" + start + "-" + (start + length - 1));
    headers.put("If-Match", BlobListing.tag(planned.version()));
    Call call = new Call(RequestCounts.Kind.GET, "GET", key, "read", false);
    RestAnswer answer =
        call.send(
            uri(key),
            headers,
            SASTokenProvider.READ_OPERATION,
            Optional.empty(),
            ByteBuffer.wrap(buffer, offset, length));
    answer.requireStillThere(uriOf(key));
    call.requireDone(answer);
    String version = BlobListing.version(answer.header("ETag"));
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
    Map<String, String> headers = new LinkedHashMap<>(container.encryption());
    headers.put("x-ms-blob-type", "BlockBlob");
    headers.put("Content-Type", "application/octet-stream");
    switch (condition.kind()) {
      case ABSENT -> headers.put("If-None-Match", "*");
      case VERSION -> headers.put("If-Match", BlobListing.tag(condition.version()));
      case ANY -> {}
    }
    Call call = new Call(RequestCounts.Kind.PUT, "PUT", key, "write", true);
    RestAnswer answer =
        call.send(
            uri(key),
            headers,
            SASTokenProvider.WRITE_OPERATION,
            Optional.of(content),
            ByteBuffer.allocate(0));
    if (LOST_RACES.contains(AbfsFaults.refusal(answer).code())) {
      throw RestFaults.lostRace(uriOf(key));
    }
    call.requireDone(answer);
    if (answer.header("ETag").isEmpty()) {
      throw AbfsFaults.notAzure(uriOf(key), new IOException("no entity tag"));
    }
    return BlobListing.version(answer.header("ETag"));
  }

  @Override
  public void delete(String key) throws StorageException {
    Call call = new Call(RequestCounts.Kind.DELETE, "DELETE", key, "delete", true);
    RestAnswer answer = call.send(uri(key), Map.of(), SASTokenProvider.DELETE_OPERATION);
    if (answer.status() != NOT_FOUND || call.isOfContainer(answer)) {
      call.requireDone(answer);
    }
  }

  @Override
  public void close() {
    http.close();
  }

  private URI uri(String key) {
    return URI.create(container.base() + "/" + Escaped.path(key));
  }

  private static void put(Map<String, String> query, String name, String value) {
    if (!value.isEmpty()) {
      query.put(name, value);
    }
  }

  private String uriOf(String key) {
    return container.uri() + "/" + key;
  }

  /** One request about a key, and what its refusal means. */
  private final class Call {

    private final RequestCounts.Kind kind;
    private final String method;
    private final String key;
    private final String action;
    private final boolean writing;

    Call(RequestCounts.Kind kind, String method, String key, String action, boolean writing) {
      this.kind = kind;
      this.method = method;
      this.key = key;
      this.action = action;
      this.writing = writing;
    }

    RestAnswer send(URI uri, Map<String, String> headers, String operation)
        throws StorageException {
      return send(uri, headers, operation, Optional.empty(), ByteBuffer.allocate(0));
    }

    RestAnswer send(
        URI uri,
        Map<String, String> headers,
        String operation,
        Optional<ObjectContent> body,
        ByteBuffer range)
        throws StorageException {
      Map<String, String> all = new LinkedHashMap<>(headers);
      all.put("x-ms-version", API);
      all.put("x-ms-date", DATE.format(ZonedDateTime.now(ZoneOffset.UTC)));
      URI authorized = authorize(uri, all, operation, body);
      try {
        return http.send(new RestRequest(kind, method, authorized, all, body), range);
      } catch (IOException e) {
        throw RestFaults.unanswered(uriOf(key), writing, e);
      }
    }

    private URI authorize(
        URI uri, Map<String, String> headers, String operation, Optional<ObjectContent> body)
        throws StorageException {
      try {
        return container
            .credentials()
            .authorize(
                method, uri, headers, body.map(ObjectContent::length).orElse(0L), operation, key);
      } catch (IOException e) {
        throw container.credentials().unauthorized(uriOf(key), writing, e);
      }
    }

    /** Tells whether the container is missing, rather than the blob. */
    boolean isOfContainer(RestAnswer answer) {
      return AbfsFaults.refusal(answer).code().startsWith("Container");
    }

    void requireDone(RestAnswer answer) throws StorageException {
      if (!answer.isDone()) {
        throw AbfsFaults.of(uriOf(key), container, AbfsFaults.refusal(answer), action, writing);
      }
    }
  }
}
