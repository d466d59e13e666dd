package dev.countersign.storage.objects;

import dev.countersign.storage.RequestCounts;
import dev.countersign.storage.RequestCounts.Kind;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** Client of a {@link FakeBucket}. */
final class FakeObjectClient implements ObjectClient {

  private final String bucket;
  private final Function<String, FakeBucket> buckets;

  FakeObjectClient(String bucket, Function<String, FakeBucket> buckets) {
    this.bucket = bucket;
    this.buckets = buckets;
  }

  @Override
  public ObjectPage list(String prefix, boolean recursive, String continueAt)
      throws StorageException {
    return request(Kind.LIST, prefix, recursive ? "" : " /").page(prefix, recursive, continueAt);
  }

  @Override
  public Optional<StoredKey> head(String key) throws StorageException {
    FakeBucket.Stored found = request(Kind.HEAD, key, "").find(key);
    return Optional.ofNullable(found)
        .map(
            stored ->
                new StoredKey(
                    key,
                    stored.content().length,
                    stored.version(),
                    // As S3, which gives other times than in a listing.
                    stored.modifiedMillis() / 1000 * 1000,
                    stored.archive()));
  }

  @Override
  public void get(StoredKey planned, long start, byte[] buffer, int offset, int length)
      throws StorageException {
    String key = planned.key();
    FakeBucket.Stored found =
        request(Kind.GET, key, String.format(Locale.ROOT, " %d-%d", start, start + length - 1))
            .find(key);
    if (found == null) {
      throw StorageException.changed(uri(key), "was deleted or moved since the model was listed");
    }
    if (!found.version().equals(planned.version())) {
      throw StorageException.changed(
          uri(key), "was written to or replaced since the model was listed");
    }
    System.arraycopy(FakeBucket.range(found, start, length), 0, buffer, offset, length);
  }

  @Override
  public String put(String key, ObjectContent content, PutCondition condition)
      throws StorageException {
    return LostAnswers.settled(
        this, key, content, condition, () -> putOnce(key, content, condition));
  }

  private String putOnce(String key, ObjectContent content, PutCondition condition)
      throws StorageException {
    FakeBucket into =
        request(Kind.PUT, key, " " + condition.kind().name().toLowerCase(Locale.ROOT));
    byte[] bytes;
    try (InputStream input = content.source().open()) {
      bytes = input.readAllBytes();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    if (!into.replace(key, bytes, condition)) {
      throw StorageException.changed(uri(key), "was written by somebody else meanwhile");
    }
    return into.find(key).version();
  }

  @Override
  public void delete(String key) throws StorageException {
    request(Kind.DELETE, key, "").remove(key);
  }

  @Override
  public void close() {}

  private FakeBucket request(Kind kind, String key, String detail) throws StorageException {
    RequestCounts.sent(kind);
    FakeBucket found = buckets.apply(bucket);
    if (found == null) {
      throw StorageException.of(
          StorageException.Kind.NOT_FOUND,
          uri(key),
          "There is no bucket for %s. Check its name.",
          Printable.of(uri(key)));
    }
    found.request(kind + " " + key + detail);
    return found;
  }

  private String uri(String key) {
    return FakeStore.SCHEME + "://" + bucket + "/" + key;
  }
}
