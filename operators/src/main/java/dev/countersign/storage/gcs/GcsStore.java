package dev.countersign.storage.gcs;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.hadoop.HadoopConfiguration;
import dev.countersign.storage.objects.ObjectClient;
import dev.countersign.storage.objects.ObjectStore;
import dev.countersign.text.Printable;
import dev.countersign.text.StoreUri;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Buckets of Google Cloud Storage: {@code gs://BUCKET/...}. */
public final class GcsStore implements ObjectStore {

  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]");

  @Override
  public Set<String> schemes() {
    return Set.of("gs");
  }

  @Override
  public String connector() {
    return "gcs";
  }

  @Override
  public ObjectClient open(StoreUri store, Map<String, String> settings) throws StorageException {
    String uri = store.toString();
    if (!BUCKET.matcher(store.authority()).matches()) {
      throw StorageException.of(
          StorageException.Kind.UNSUPPORTED,
          uri,
          "%s cannot be used: '%s' is not the name of a bucket. Write gs://BUCKET/PATH.",
          Printable.of(uri),
          Printable.of(store.authority()));
    }
    GcsSettings parsed =
        GcsSettings.of(uri, store.authority(), HadoopConfiguration.with(uri, settings));
    return new GcsObjectClient(store.authority(), parsed);
  }

  /** Returns true: all buckets are of the one endpoint that the site configured, or Google's. */
  @Override
  public boolean namesStore(StoreUri uri, Map<String, String> settings) {
    return true;
  }
}
