package dev.countersign.source;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.ListedEntries;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.outcome.FailureLimit;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.source.signals.ReaderEvent;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.trust.TrustException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An enumerator over models in a folder, and what tests ask of it. */
@Timeout(120)
abstract class AbstractEnumeratorTest {

  @TempDir Path folder;

  final List<ModelEnumerator> open = new ArrayList<>();
  final List<CatalogEntry> entries = new ArrayList<>();
  boolean again;
  final FaultSettings faults =
      new FaultSettings(2, Duration.ofMillis(20), Duration.ofMillis(20), FailureLimit.NONE);
  PlanFixture fixture;

  @BeforeEach
  void makeFixture() throws IOException {
    fixture = new PlanFixture(folder);
    // One file a unit.
    fixture.window = new WindowSettings(100, 1 << 20, 2, 1, 10, 1 << 20);
  }

  @AfterEach
  void close() throws IOException {
    for (ModelEnumerator enumerator : open) {
      enumerator.close();
    }
  }

  ModelEnumerator enumerator(
      ObservedContext context, @Nullable EnumeratorState saved, int... readers) {
    ModelEnumerator enumerator;
    try {
      enumerator = fixture.enumerator(context, ListedEntries.of(entries), faults, saved, again);
    } catch (KeyFormatException | TrustException e) {
      throw new IllegalStateException(e);
    }
    open.add(enumerator);
    enumerator.start();
    for (int reader : readers) {
      context.registerReader(reader, "host");
      start(enumerator, reader);
    }
    return enumerator;
  }

  /** Has a reader register, in a process of its own. */
  static void start(ModelEnumerator enumerator, int reader) {
    enumerator.addReader(reader);
    enumerator.handleSourceEvent(reader, new ReaderEvent.Started("process-" + reader, 0));
  }

  /** Adds a model with a file of each length. */
  void addModel(String name, int... lengths) throws IOException {
    Path model = Files.createDirectories(folder.resolve("models").resolve(name));
    for (int i = 0; i < lengths.length; i++) {
      Files.write(model.resolve("file" + i), new byte[lengths[i]]);
    }
    entries.add(
        CatalogEntry.builder(entries.size(), model.toString())
            .name(name)
            .bundle(model.resolve("model.sig").toString())
            .build());
  }

  static long length(ModelSplit split) {
    return split.unit().getRanges().get(0).getLength();
  }

  static ReaderEvent finished(ObservedContext.Assigned assigned) {
    return new ReaderEvent.Finished(assigned.split().id(), 1);
  }
}
