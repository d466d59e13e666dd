package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.ListedEntries;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.source.ObservedContext.Assigned;
import dev.countersign.source.signals.ReaderEvent;
import dev.countersign.storage.Storages;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * How many models are planned in a second in a store where each call takes 50 ms, with the default
 * settings and readers that finish everything at once.
 */
@EnabledIfSystemProperty(named = PlanningRateITCase.LEAST, matches = "\\d+")
final class PlanningRateITCase {

  /** The models a second that are required. */
  static final String LEAST = "planning.rate";

  private static final int MODELS = 5_000;
  private static final int READERS = 16;

  @TempDir Path folder;

  @BeforeEach
  void makeStoreSlow() {
    Storages.configure(
        Map.of("fs." + StorageCalls.Disk.SCHEME + ".impl", StorageCalls.Disk.class.getName()));
    StorageCalls.delay(50);
  }

  @AfterEach
  void forgetStore() {
    StorageCalls.delay(0);
    List<String> unused = StorageCalls.take();
    Storages.configure(Map.of());
  }

  @Test
  @Timeout(600)
  void plan_ofSmallModelsInASlowStore_keepsUp() throws Exception {
    PlanFixture fixture = new PlanFixture(folder);
    List<CatalogEntry> entries = new ArrayList<>();
    for (int i = 0; i < MODELS; i++) {
      Path model = Files.createDirectories(folder.resolve("models/model-" + i));
      for (int file = 0; file < 4; file++) {
        Files.createFile(model.resolve("file-" + file));
      }
      String uri = StorageCalls.Disk.SCHEME + "://here" + model;
      entries.add(
          CatalogEntry.builder(i, uri).name("model-" + i).bundle(uri + "/model.sig").build());
    }
    ObservedContext context = new ObservedContext(READERS);

    long cpuBefore = cpuNanos();
    long start = System.nanoTime();
    try (ModelEnumerator enumerator =
        fixture.enumerator(
            context, ListedEntries.of(entries), FaultSettings.defaults(), null, false)) {
      enumerator.start();
      for (int reader = 0; reader < READERS; reader++) {
        context.registerReader(reader, "host");
        enumerator.handleSourceEvent(reader, new ReaderEvent.Started("process-" + reader, 4));
      }
      for (int done = 0; done < MODELS; ) {
        context.triggerAllActions();
        for (int all = context.assigned.size(); done < all; done++) {
          Assigned unit = context.assigned.get(done);
          enumerator.handleSourceEvent(
              unit.reader(), new ReaderEvent.Finished(unit.split().id(), 1));
        }
        Thread.sleep(1);
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;

    double rate = MODELS / seconds;
    System.out.printf(
        Locale.ROOT,
        "planned %d models with %d calls in %.1f s: %.0f a second, %.1f s of CPU%n",
        MODELS,
        StorageCalls.take().size(),
        seconds,
        rate,
        (cpuNanos() - cpuBefore) / 1e9);
    assertThat(rate).as("models a second").isGreaterThan(Integer.getInteger(LEAST));
  }

  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}
