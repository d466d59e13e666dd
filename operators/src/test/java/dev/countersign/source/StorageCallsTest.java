package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.storage.ListingRulesFixture;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls to a Hadoop file system that knows neither identities of files nor of folders. */
final class StorageCallsTest extends StorageCallsContract {

  @BeforeEach
  void register() {
    Storages.configure(
        Map.of(
            "fs." + StorageCalls.Disk.SCHEME + ".impl",
            StorageCalls.Disk.class.getName(),
            "fs." + StorageCalls.Disk.SCHEME + ".impl.disable.cache",
            "true"));
  }

  @AfterEach
  void unregister() {
    Storages.configure(Map.of());
  }

  @Test
  void settledIfLocal_ofAModelInARemoteStore_leavesTheCallToPlanning() {
    String model = put(folder);
    CatalogEntry entry =
        CatalogEntry.builder(0, model)
            .bundle(Storages.child(model, "model.sig"))
            .bundleByKind(true)
            .build();
    List<String> unused = StorageCalls.take();

    assertThat(entry.settledIfLocal()).isEqualTo(entry);
    assertThat(StorageCalls.take()).isEmpty();
  }

  @Test
  void list_ofSubfolders_asksForSeveralAtOnce() throws Exception {
    String model = modelOfSubfolders();
    for (int i = 0; i < 20; i++) {
      // Each gives up what it asked for, or the last one could not ask for any.
      assertThatThrownBy(() -> list(model, 3)).isInstanceOf(StorageException.class);
    }
    int unused = StorageCalls.takeMostAtOnce();

    StorageCalls.delay(300);
    ModelListing listing;
    try {
      listing = list(model, 100);
    } finally {
      StorageCalls.delay(0);
    }

    assertThat(StorageCalls.takeMostAtOnce()).isGreaterThan(3);
    assertThat(listing.files())
        .extracting(StoredFile::name)
        .hasSize(20)
        .startsWith("0/file", "1/file", "10/file");
  }

  private String modelOfSubfolders() throws IOException {
    Path model = Files.createDirectory(folder.resolve("many"));
    for (int i = 0; i < 20; i++) {
      Path file = model.resolve(i + "/file");
      Files.createDirectories(file.getParent());
      Files.writeString(file, "content");
    }
    return put(model);
  }

  private static ModelListing list(String model, long maxFiles) throws StorageException {
    return Storages.forUri(model)
        .list(
            model,
            ListingRulesFixture.of(name -> false, false, List.of(), 9, maxFiles, Long.MAX_VALUE));
  }

  @Override
  String table() {
    return "calls";
  }

  @Override
  String put(Path folder) {
    return StorageCalls.Disk.SCHEME + "://here" + folder;
  }
}
