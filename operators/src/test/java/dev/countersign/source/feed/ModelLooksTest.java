package dev.countersign.source.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.source.PlanFixture;
import dev.countersign.source.TestFileSystem;
import dev.countersign.source.checkpoint.WatchMemory.Sighting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Looks at models in a store that hangs. */
@Timeout(180)
final class ModelLooksTest {

  private static final int DEPTH = 16;

  /** More than may hang, so that no thread is left. */
  private static final int HANGING = 100;

  @TempDir Path folder;

  @BeforeEach
  void register() {
    TestFileSystem.register();
  }

  @AfterEach
  void unregister() {
    TestFileSystem.unregister();
  }

  @Test
  void at_aModelWhoseLookNeverBegan_looksAgainWhenThreadsAreBack() throws Exception {
    List<CatalogEntry> entries = new ArrayList<>();
    for (int i = 0; i < HANGING; i++) {
      entries.add(model(TestFileSystem.NEVER_LISTS + i));
    }
    CatalogEntry sound = model("sound");
    entries.add(sound);
    try (ModelLooks looks =
        new ModelLooks(new PlanFixture(folder).settings(), "", DEPTH, Duration.ofMillis(100))) {
      List<Sighting> stalled = looks.at(entries);
      assertThat(stalled).hasSize(HANGING + 1);
      assertThat(stalled)
          .extracting(Sighting::fingerprint)
          .containsOnly(stalled.get(0).fingerprint());

      TestFileSystem.release();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      Sighting again;
      do {
        Thread.sleep(10);
        again = looks.at(List.of(sound)).get(0);
      } while (again.fingerprint().equals(stalled.get(0).fingerprint())
          && System.nanoTime() < deadline);

      assertThat(again.fingerprint()).isNotEqualTo(stalled.get(0).fingerprint());
      assertThat(again.entry().model()).isEqualTo(sound.model());
    }
  }

  private CatalogEntry model(String name) throws Exception {
    Path model = Files.createDirectories(folder.resolve("lake").resolve(name));
    Files.writeString(model.resolve("weights"), "weights");
    return CatalogEntry.builder(0, TestFileSystem.uri(model))
        .name(name)
        .bundle(TestFileSystem.uri(model.resolve("model.sig")))
        .build();
  }
}
