package dev.countersign.storage.objects;

import dev.countersign.storage.StorageException;
import dev.countersign.text.StoreUri;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Object store in memory, of URIs {@code mem://BUCKET/KEY}. Its buckets are this process's. */
public final class FakeStore implements ObjectStore {

  /** The scheme of its URIs. */
  public static final String SCHEME = "mem";

  /** The bucket that the configuration does not name. */
  public static final String FOREIGN = "foreign";

  /** The bucket whose client needs a library that is missing. */
  public static final String INCOMPLETE = "incomplete";

  private static final Map<String, FakeBucket> BUCKETS = new ConcurrentHashMap<>();

  /** Returns a bucket, which is made if there is none. */
  public static FakeBucket bucket(String name) {
    return BUCKETS.computeIfAbsent(name, FakeBucket::new);
  }

  @Override
  public Set<String> schemes() {
    return Set.of(SCHEME);
  }

  @Override
  public String connector() {
    return "memory";
  }

  @Override
  public ObjectClient open(StoreUri store, Map<String, String> settings) throws StorageException {
    if (store.authority().equals(INCOMPLETE)) {
      throw new NoClassDefFoundError("com/example/Missing");
    }
    return new FakeObjectClient(store.authority(), BUCKETS::get);
  }

  @Override
  public boolean namesStore(StoreUri uri, Map<String, String> settings) {
    return !uri.authority().equals(FOREIGN) || uri.authority().equals(settings.get("fs.mem.named"));
  }
}
