package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.ledger.Plans;
import dev.countersign.source.signals.ReaderEvent;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.WindowSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the enumerator holds, with what Flink holds of it until a checkpoint is completed. */
final class EnumeratorHeapTest {

  private static final int MODELS = 4_000;
  private static final int FILES = 100;
  private static final int READERS = 4;

  @TempDir Path folder;

  private final ModelSplit.Serializer serializer = new ModelSplit.Serializer();
  private final List<Object> heldByFlink = new ArrayList<>();
  private final Queue<ModelSplit> out = new ArrayDeque<>();
  private WorkUnit unit;

  @Test
  void heap_with4000ModelsOf100FilesAndNoCheckpoint_growsByAtMost64Mb() throws Exception {
    Path model = Files.createDirectories(folder.resolve("model"));
    for (int file = 0; file < FILES; file++) {
      Files.writeString(model.resolve("model-000" + file + "-of-00100.safetensors"), "w");
    }
    unit = new PlanFixture(folder).plan(model).units().get(0);
    assertThat(unit.getRanges()).hasSize(FILES);
    run(10);
    heldByFlink.clear();
    out.clear();
    long before = used();

    SimulatedEnumerator running = run(MODELS);

    long held = used() - before;
    assertThat(running.snapshot(1).getWindow()).as("planned ahead").hasSizeGreaterThan(900);
    assertThat(held >> 20).as("MiB").isLessThanOrEqualTo(64);
  }

  /** Has most models done and the rest planned, as far as the window goes. */
  private SimulatedEnumerator run(int models) throws Exception {
    SimulatedEnumerator enumerator =
        new SimulatedEnumerator(
            new PlanFixture(folder).settings(),
            "",
            false,
            models,
            READERS,
            this::plan,
            (reader, message) -> {
              if (message instanceof ModelSplit split) {
                heldByFlink.add(split);
                out.add(new ModelSplit(copy(split.unit())));
              }
            },
            new Random(1));
    enumerator.window = WindowSettings.defaults();
    enumerator.begin("heap-" + models, 0, null, false);
    for (int reader = 0; reader < READERS; reader++) {
      enumerator.register(reader, List.of());
      enumerator.event(reader, new ReaderEvent.Started("process-" + reader, 3));
    }
    for (int done = 0; done < models * 3 / 4; ) {
      planAll(enumerator);
      ModelSplit next = out.remove();
      enumerator.event(done % READERS, new ReaderEvent.Finished(next.id(), 1));
      done++;
    }
    planAll(enumerator);
    return enumerator;
  }

  private static void planAll(SimulatedEnumerator enumerator) {
    for (boolean more = true; more; ) {
      more = enumerator.isPlanning();
      boolean unused = enumerator.planOne(entry -> false);
      enumerator.runActions();
    }
  }

  /** The plan of a model like the first, which shares no object with another. */
  private ModelPlan plan(long entryId) {
    ModelHeader header = Plans.header(entryId);
    WorkUnit copy = copy(unit);
    copy.setHeader(header);
    return new ModelPlan(
        header, List.of(copy), null, "fingerprint" + entryId, FILES, 8_000, 1, List.of(), false);
  }

  private WorkUnit copy(WorkUnit of) {
    try {
      return serializer
          .deserialize(serializer.getVersion(), serializer.serialize(new ModelSplit(of)))
          .unit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long used() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(100);
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
