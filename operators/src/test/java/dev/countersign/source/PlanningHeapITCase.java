package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.ListedEntries;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.schemas.Operation;
import dev.countersign.source.signals.ReaderEvent;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.UnitId;
import dev.countersign.storage.Storages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.connector.testutils.source.reader.TestingSplitEnumeratorContext;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * 64 models at the limits after as many small ones, planned at once by a process with a small heap
 * and a reader that is slower than that: they wait for each other, and nothing runs out of memory.
 * How long that takes depends on the machine, so the process ends itself only if it does not get
 * on.
 */
@EnabledIfSystemProperty(named = PlanningRateITCase.LEAST, matches = "\\d+")
final class PlanningHeapITCase {

  private static final int MODELS = 64;
  private static final String HEAP = "128m";

  /**
   * How many units the reader has at a time. The models that fit have 9,400 units of 64 files: with
   * a pause for each, a run on a busy machine would take minutes.
   */
  private static final int UNITS = 4;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    // About 30 of 10,000 files fit into three quarters of the heap, and none of 400,000.
    "DIGEST, 10000, 400000, 0, 124 planned, 4 LIMIT_EXCEEDED: Planning",
    // Four of the bundles fit, and are lists of more elements than allowed.
    "VERIFY, 1, 1, 8000000, 64 LIMIT_EXCEEDED: hostile, 64 MALFORMED_BUNDLE: hostile"
  })
  @Timeout(900)
  void plan_ofModelsAtTheLimits_staysWithinTheHeap(
      Operation operation, int files, int most, int bundle, String outcome, String other)
      throws Exception {
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + HEAP,
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                folder.toString(),
                operation.name(),
                Integer.toString(files),
                Integer.toString(most),
                Integer.toString(bundle))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean ended = process.waitFor(14, TimeUnit.MINUTES);
    process.destroyForcibly();

    String output = Files.readString(log);
    assertThat(ended).as("ended: %s", output).isTrue();
    assertThat(process.waitFor()).as("exit code: %s", output).isZero();
    assertThat(output.strip().lines().toList()).contains(outcome, other);
  }

  /** Plans models, and says how many end in which way. */
  static final class Child {
    public static void main(String[] arguments) throws Exception {
      Storages.configure(
          Map.of("fs." + HostileModels.SCHEME + ".impl", HostileModels.class.getName()));
      PlanFixture fixture = new PlanFixture(Path.of(arguments[0]));
      fixture.operation = Operation.valueOf(arguments[1]);
      int files = Integer.parseInt(arguments[2]);
      int most = Integer.parseInt(arguments[3]);
      int bundle = Integer.parseInt(arguments[4]);
      fixture.maxFiles = most;
      List<CatalogEntry> entries = new ArrayList<>();
      for (int i = 0; i < 2 * MODELS; i++) {
        boolean sound = i < MODELS; // So that the window expects little of those that follow.
        String model = HostileModels.model(i, sound ? 1 : i % 16 == 0 ? most : files);
        entries.add(
            CatalogEntry.builder(i, model)
                .name("model-" + i)
                .bundle(
                    bundle == 0
                        ? model + "/model.sig"
                        : HostileModels.bundle(i, sound ? 1 : bundle))
                .build());
      }
      SlowReader reader = new SlowReader();
      try (ModelEnumerator enumerator =
          fixture.enumerator(
              reader, ListedEntries.of(entries), FaultSettings.defaults(), null, false)) {
        enumerator.start();
        reader.registerReader(0, "host");
        enumerator.handleSourceEvent(0, new ReaderEvent.Started("process", UNITS));
        long lastSign = System.nanoTime();
        while (!reader.ended) {
          if (System.nanoTime() - lastSign > TimeUnit.MINUTES.toNanos(2)) {
            Thread.getAllStackTraces()
                .forEach((thread, frames) -> System.out.println(thread + " " + List.of(frames)));
            System.out.println(reader.outcomes.size() + " models have units or a verdict");
            System.exit(1);
          }
          reader.triggerAllActions();
          Thread.sleep(2);
          if (!reader.units.isEmpty()) {
            lastSign = System.nanoTime();
          }
          for (int units = reader.units.size(); units > 0; units--) {
            enumerator.handleSourceEvent(0, new ReaderEvent.Finished(reader.units.remove(), 1));
          }
        }
      }
      Map<String, Integer> counts = new HashMap<>();
      reader.outcomes.values().forEach(outcome -> counts.merge(outcome, 1, Integer::sum));
      counts.forEach((outcome, count) -> System.out.println(count + " " + outcome));
      System.exit(0);
    }
  }

  /** One reader, which keeps nothing of its units. */
  private static final class SlowReader extends TestingSplitEnumeratorContext<ModelSplit> {
    private final Queue<UnitId> units = new ArrayDeque<>();
    private final Map<Long, String> outcomes = new HashMap<>();
    private boolean ended;

    SlowReader() {
      super(1);
    }

    @Override
    public void assignSplit(ModelSplit split, int subtask) {
      units.add(split.id());
      var verdict = split.unit().getVerdict();
      outcomes.put(
          split.id().entryId(),
          verdict == null
              ? "planned"
              : verdict.getReason() + ": " + verdict.getMessage().split("[ :]", 2)[0]);
    }

    @Override
    public Map<Integer, Map<Integer, ReaderInfo>> registeredReadersOfAttempts() {
      return Map.of(0, registeredReaders());
    }

    @Override
    public void setIsProcessingBacklog(boolean isProcessingBacklog) {}

    @Override
    public void signalNoMoreSplits(int subtask) {
      ended = true;
    }
  }
}
