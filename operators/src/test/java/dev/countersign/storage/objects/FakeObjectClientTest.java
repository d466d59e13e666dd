package dev.countersign.storage.objects;

import dev.countersign.text.StoreUri;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;

/** The client in memory, on which other tests rest, does what those of stores do. */
final class FakeObjectClientTest extends ObjectClientContract {

  private static final String BUCKET = "client-contract";

  @BeforeAll
  static void makeBucket() {
    FakeStore.bucket(BUCKET).pageKeys(PAGE);
  }

  @Override
  protected ObjectClient client() throws Exception {
    return open(BUCKET);
  }

  @Override
  protected ObjectClient clientOfMissingBucket() throws Exception {
    return open("missing");
  }

  private static ObjectClient open(String bucket) throws Exception {
    return new FakeStore().open(StoreUri.parse(FakeStore.SCHEME + "://" + bucket), Map.of());
  }
}
