package dev.countersign.storage.s3;

import dev.countersign.storage.RequestCounts;
import dev.countersign.storage.RequestCounts.Kind;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.objects.LostAnswers;
import dev.countersign.storage.objects.ObjectClient;
import dev.countersign.storage.objects.ObjectContent;
import dev.countersign.storage.objects.ObjectPage;
import dev.countersign.storage.objects.PutCondition;
import dev.countersign.storage.objects.StoredKey;
import dev.countersign.text.Message;
import dev.countersign.text.StoreUri;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import org.apache.hadoop.fs.s3a.S3AUtils;
import org.apache.hadoop.fs.s3a.impl.AWSClientConfig;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequest;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;

/** Client of a bucket: S3A's, with requests of our own. */
final class S3ObjectClient implements ObjectClient {

  /** The most that one PUT may store, in bytes. */
  private static final long MOST_PUT = 5L << 30;

  /** S3's own limit of keys in a page. */
  private static final int MOST_KEYS = 1000;

  /** How long the first request may take, so that a wrong endpoint is told soon. */
  private static final Duration FIRST_CONTACT = Duration.ofSeconds(10);

  private final String root;
  private final S3Listing listing;
  private final S3Connection connection;

  /** Whether the server answered any request. */
  private volatile boolean isReached;

  /** Whether an answer showed that the bucket exists. */
  private volatile boolean isBucketKnown;

  private S3ObjectClient(String root, S3Listing listing, S3Connection connection) {
    this.root = root;
    this.listing = listing;
    this.connection = connection;
  }

  /** Makes a client. Sends no request. */
  static ObjectClient open(StoreUri store, Map<String, String> settings) throws StorageException {
    String bucket = store.authority();
    Configuration configuration = S3Settings.of(store.toString(), bucket, settings);
    requireLibraries(S3AFileSystem.class, S3Client.class);
    int page = configuration.getInt("fs.s3a.paging.maximum", MOST_KEYS);
    S3Listing listing =
        new S3Listing(
            bucket,
            !S3Settings.value(configuration, bucket, "accesspoint.arn").isEmpty(),
            Math.min(page, MOST_KEYS),
            S3Settings.value(configuration, bucket, "change.detection.source")
                .equalsIgnoreCase("versionid"));
    return new S3ObjectClient(
        store.scheme() + "://" + bucket + "/", listing, new S3Connection(bucket, configuration));
  }

  /** Fails with a {@link LinkageError} if one is missing, which the caller's reference does. */
  private static void requireLibraries(Class<?>... unused) {}

  @Override
  public ObjectPage list(String prefix, boolean recursive, String continueAt)
      throws StorageException {
    ObjectPage page =
        send(
            Kind.LIST,
            prefix,
            (client, requests) ->
                listing.page(client, requests, prefix, recursive, continueAt, this::bounded));
    isBucketKnown = true;
    return page;
  }

  @Override
  public Optional<StoredKey> head(String key) throws StorageException {
    try {
      HeadObjectResponse answer =
          send(
              Kind.HEAD,
              key,
              (client, requests) -> {
                HeadObjectRequest.Builder request = requests.newHeadObjectRequestBuilder(key);
                bounded(request);
                return client.headObject(request.build());
              });
      isBucketKnown = true;
      return Optional.of(listing.stored(key, answer));
    } catch (StorageException e) {
      requireReason(key, e);
      if (e.kind() == StorageException.Kind.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Throws the reason of a HEAD request's failure if the store tells it in the answer to a listing;
   * an answer to a HEAD request has no body. A bucket that does not exist looks like a key that
   * does not.
   */
  private void requireReason(String key, StorageException fault) throws StorageException {
    boolean isAbsent = fault.kind() == StorageException.Kind.NOT_FOUND;
    if (isAbsent ? isBucketKnown : !S3Faults.isUnexplained(fault)) {
      return;
    }
    try {
      ObjectPage unused = list(key, false, "");
    } catch (StorageException e) {
      if (!S3Faults.isDenied(e)) {
        throw e;
      }
    }
  }

  @Override
  public void get(StoredKey planned, long start, byte[] buffer, int offset, int length)
      throws StorageException {
    S3Version version = S3Version.parse(planned.version());
    try {
      boolean unused =
          send(
              Kind.GET,
              planned.key(),
              (client, requests) -> {
                GetObjectRequest.Builder request =
                    requests
                        .newGetObjectRequestBuilder(planned.key())
                        .range(S3AUtils.formatRange(start, start + length - 1))
                        .ifMatch(version.quotedTag());
                if (!version.id().isEmpty()) {
                  request.versionId(version.id());
                }
                bounded(request);
                read(
                    client.getObject(request.build()),
                    planned,
                    version,
                    start,
                    buffer,
                    offset,
                    length);
                return true;
              });
    } catch (StorageException e) {
      if (e.kind() == StorageException.Kind.NOT_FOUND && !S3Faults.isMissingBucket(e)) {
        throw StorageException.changed(
            uri(planned.key()), e, "was deleted or moved since the model was listed");
      }
      throw e;
    }
  }

  private void read(
      ResponseInputStream<GetObjectResponse> body,
      StoredKey planned,
      S3Version version,
      long start,
      byte[] buffer,
      int offset,
      int length)
      throws IOException {
    boolean isWhole = false;
    try {
      requireRange(body.response(), planned, version, start, length);
      int read = body.readNBytes(buffer, offset, length);
      if (read < length) {
        throw new EOFException(Message.of("%d of %d bytes", read, length));
      }
      isWhole = true;
    } finally {
      if (isWhole) {
        body.close();
      } else {
        // Closing would read the rest, to use the connection again.
        body.abort();
      }
    }
  }

  /** Requires that an answer has the bytes that were asked for, which a proxy may not know. */
  private static void requireRange(
      GetObjectResponse answer, StoredKey planned, S3Version version, long start, int length)
      throws IOException {
    String range = Message.of("bytes %d-%d/%d", start, start + length - 1, planned.length());
    boolean isWhole = start == 0 && length == planned.length();
    boolean isRange =
        range.equals(answer.contentRange())
            || (isWhole && answer.sdkHttpResponse().statusCode() == 200);
    Long sent = answer.contentLength();
    if (!isRange || sent == null || sent != length) {
      throw new WrongAnswerException("other bytes than were asked for");
    }
    if (!version.tag().equals(S3Version.of(answer.eTag(), null).tag())) {
      throw new WrongAnswerException("another version than was asked for");
    }
  }

  @Override
  public String put(String key, ObjectContent content, PutCondition condition)
      throws StorageException {
    if (content.length() > MOST_PUT) {
      throw StorageException.of(
          StorageException.Kind.NOT_WRITABLE,
          uri(key),
          "%s cannot be written: it has %d bytes, and S3 stores at most %d in one request. Write"
              + " it to another store.",
          S3Faults.shown(uri(key)),
          content.length(),
          MOST_PUT);
    }
    return LostAnswers.settled(
        this, key, content, condition, () -> putOnce(key, content, condition));
  }

  private String putOnce(String key, ObjectContent content, PutCondition condition)
      throws StorageException {
    return send(
        Kind.PUT,
        key,
        (client, requests) -> {
          PutObjectRequest.Builder request =
              requests.newPutObjectRequestBuilder(key, null, content.length(), false);
          switch (condition.kind()) {
            case ANY -> {}
            case ABSENT -> request.ifNoneMatch("*");
            case VERSION -> request.ifMatch(S3Version.parse(condition.version()).quotedTag());
          }
          try (OpenedContents opened = new OpenedContents(content)) {
            PutObjectResponse answer =
                client.putObject(
                    request.build(),
                    RequestBody.fromContentProvider(
                        opened, content.length(), "application/octet-stream"));
            return listing.version(answer.eTag(), answer.versionId()).text(content.length());
          }
        });
  }

  @Override
  public void delete(String key) throws StorageException {
    boolean unused =
        send(
            Kind.DELETE,
            key,
            (client, requests) ->
                client
                    .deleteObject(requests.newDeleteObjectRequestBuilder(key).build())
                    .sdkHttpResponse()
                    .isSuccessful());
  }

  private <T> T send(Kind kind, String key, S3Connection.Request<T> request)
      throws StorageException {
    try {
      RequestCounts.sent(kind);
      T answer = connection.send(request);
      isReached = true;
      return answer;
    } catch (SdkException | IOException | UncheckedIOException | IllegalArgumentException e) {
      isReached |= S3Faults.isAnswer(e);
      throw S3Faults.of(kind, uri(key), e);
    }
  }

  /** Bounds a request until the server answered one. */
  private void bounded(AwsRequest.Builder request) {
    if (!isReached) {
      AWSClientConfig.setRequestTimeout(request, FIRST_CONTACT);
    }
  }

  private String uri(String key) {
    return root + key;
  }

  @Override
  public void close() {
    connection.close();
  }

  /** Opens a content as often as the SDK asks for it, and closes it. */
  private static final class OpenedContents implements ContentStreamProvider, AutoCloseable {
    private final ObjectContent content;
    private @Nullable InputStream last;

    OpenedContents(ObjectContent content) {
      this.content = content;
    }

    @Override
    public InputStream newStream() {
      try {
        close();
        InputStream opened = content.source().open();
        last = opened;
        return opened;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      if (last != null) {
        last.close();
        last = null;
      }
    }
  }
}
