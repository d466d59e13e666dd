package dev.countersign.storage.s3;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.objects.ObjectClient;
import dev.countersign.storage.objects.ObjectStore;
import dev.countersign.text.Printable;
import dev.countersign.text.StoreUri;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** S3, and what speaks its protocol. Names no class of S3A or the AWS SDK. */
public final class S3Store implements ObjectStore {

  /** What Hadoop finds a bucket in: a host name for Java. */
  private static final Pattern BUCKET =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{1,62}|([A-Za-z0-9-]+\\.)+[A-Za-z][A-Za-z0-9-]*");

  @Override
  public Set<String> schemes() {
    return Set.of("s3", "s3a");
  }

  @Override
  public String connector() {
    return "s3";
  }

  @Override
  public ObjectClient open(StoreUri store, Map<String, String> settings) throws StorageException {
    if (!BUCKET.matcher(store.authority()).matches()) {
      throw StorageException.of(
          StorageException.Kind.UNSUPPORTED,
          store.toString(),
          "%s is not a name of a bucket that Hadoop can use: letters, digits, hyphens and dots,"
              + " and a letter after the last dot. Write %s://BUCKET/PATH.",
          Printable.name(store.authority().substring(store.authority().lastIndexOf('@') + 1)),
          store.scheme());
    }
    return S3ObjectClient.open(store, settings);
  }

  /**
   * Returns true: requests go to the endpoint that the site or the caller configured, whichever
   * bucket a URI names, and credentials with them.
   */
  @Override
  public boolean namesStore(StoreUri uri, Map<String, String> settings) {
    return true;
  }
}
