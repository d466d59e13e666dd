package dev.countersign.source;

import dev.countersign.storage.Storages;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

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

  @Override
  String table() {
    return "calls";
  }

  @Override
  String put(Path folder) {
    return StorageCalls.Disk.SCHEME + "://here" + folder;
  }
}
