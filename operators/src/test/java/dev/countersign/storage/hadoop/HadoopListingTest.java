package dev.countersign.storage.hadoop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.storage.ListingRulesFixture;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.StorageException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Listings whose threads hang that ask for folders ahead. */
@Timeout(180)
final class HadoopListingTest {

  private static final int FOLDERS = 20;

  /** As many pages may be asked for ahead in a process. */
  private static final int MOST_AHEAD = HadoopListing.pagesAhead(Runtime.getRuntime().maxMemory());

  @TempDir Path model;

  private final HangingAhead store = new HangingAhead();

  /** Hangs where folders are listed ahead, and fails where one is listed when its turn comes. */
  private static final class HangingAhead extends RawLocalFileSystem {
    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger ahead = new AtomicInteger();

    @Override
    public URI getUri() {
      return URI.create("hanging://here/");
    }

    @Override
    public FileStatus[] listStatus(org.apache.hadoop.fs.Path folder) throws IOException {
      if (Thread.currentThread().getName().startsWith("countersign-list-ahead")) {
        ahead.incrementAndGet();
        while (released.getCount() > 0) {
          try {
            released.await();
          } catch (InterruptedException e) {
            // As a system call that nothing ends.
          }
        }
      } else if (released.getCount() > 0 && !folder.getName().equals("model")) {
        throw new IOException("broken");
      }
      return super.listStatus(folder);
    }
  }

  /** A page of 1,000 entries takes about 1 MiB. */
  @ParameterizedTest
  @CsvSource({"8, 0", "128, 8", "1024, 64", "2048, 128", "1000000, 128"})
  void pagesAhead_takeAtMostASixteenthOfTheHeap(long mebibytes, int pages) {
    assertThat(HadoopListing.pagesAhead(mebibytes << 20)).isEqualTo(pages);
  }

  @Test
  void list_whileFoldersThatAreListedAheadHang_startsNoMoreThreadsThanPagesMayBeAhead()
      throws Exception {
    Path root = Files.createDirectory(model.resolve("model"));
    for (int i = 0; i < FOLDERS; i++) {
      Files.createDirectory(root.resolve("folder-" + i));
    }
    store.initialize(store.getUri(), new Configuration());

    for (int more = 0; more < 5; ) {
      assertThatThrownBy(() -> list(root))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("broken");
      Thread.sleep(20); // A thread may not have begun.
      assertThat(store.ahead).hasValueLessThanOrEqualTo(MOST_AHEAD);
      more += store.ahead.get() == MOST_AHEAD ? 1 : 0;
    }

    store.released.countDown();
    while (store.ahead.get() == MOST_AHEAD) {
      assertThat(list(root).files()).isEmpty();
    }
  }

  private ModelListing list(Path root) throws StorageException {
    return HadoopListing.of(
        store,
        "hanging://here" + root,
        ListingRulesFixture.of(name -> false, false, List.of(), 9, 100, Long.MAX_VALUE),
        false);
  }
}
