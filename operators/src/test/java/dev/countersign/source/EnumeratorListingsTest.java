package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.catalog.ListedEntries;
import dev.countersign.listings.SampleListings;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.source.planning.IncrementalSettings;
import dev.countersign.source.signals.ReaderStarted;
import dev.countersign.source.units.ModelSplit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.connector.testutils.source.reader.TestingSplitEnumeratorContext;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@link ModelEnumerator} where listings of an earlier run are read first. */
@Timeout(30)
final class EnumeratorListingsTest {

  @TempDir Path folder;

  private final TestingSplitEnumeratorContext<ModelSplit> context =
      new TestingSplitEnumeratorContext<>(1);

  @Test
  void start_withListingsOfAnEarlierRun_plansOnceTheyAreRead() throws Exception {
    String listings = SampleListings.write(folder.resolve("listings-1.avro"), List.of());

    try (ModelEnumerator enumerator = enumerator(listings)) {
      enumerator.handleSplitRequest(0, null);
      long begunBefore = enumerator.snapshotState(1).getCursor();
      enumerator.notifyCheckpointComplete(1);
      while (context.getSplitAssignments().isEmpty()) {
        context.triggerAllActions();
        Thread.sleep(5);
      }

      assertThat(begunBefore).isZero();
      assertThat(enumerator.snapshotState(2).getCursor()).isEqualTo(1);
    }
  }

  @Test
  void start_withListingsThatCannotBeRead_failsTheJobForGood() throws Exception {
    String none = folder.resolve("none.avro").toUri().toString();

    try (ModelEnumerator enumerator = enumerator(none)) {
      enumerator.handleSplitRequest(0, null);

      assertThatThrownBy(
              () -> {
                context.triggerAllActions();
                context.triggerAllActions();
              })
          .hasStackTraceContaining(SuppressRestartsException.class.getName())
          .hasStackTraceContaining("none.avro");
    }
  }

  private ModelEnumerator enumerator(String since) throws Exception {
    PlanFixture fixture = new PlanFixture(folder);
    fixture.incremental = new IncrementalSettings(List.of(since), false);
    Path model = Files.createDirectories(folder.resolve("models/m"));
    Files.writeString(model.resolve("a"), "content of a");
    ModelEnumerator enumerator =
        fixture.enumerator(
            context,
            ListedEntries.of(List.of(fixture.entry(model))),
            FaultSettings.defaults(),
            null,
            false);
    enumerator.start();
    context.registerReader(0, "host");
    enumerator.handleSourceEvent(0, new ReaderStarted("process"));
    return enumerator;
  }
}
