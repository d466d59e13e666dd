package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.storage.Storages;
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

  @Override
  String table() {
    return "calls";
  }

  @Override
  String put(Path folder) {
    return StorageCalls.Disk.SCHEME + "://here" + folder;
  }
}
