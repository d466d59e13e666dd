package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.catalog.ListedEntries;
import dev.countersign.listings.SampleListings;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.schemas.Operation;
import dev.countersign.source.checkpoint.CommandFingerprint;
import dev.countersign.source.planning.PlanSettings;
import dev.countersign.source.reading.ReadSettings;
import dev.countersign.source.signals.ReaderEvent;
import dev.countersign.source.signals.RunSession;
import dev.countersign.verification.RereadSettings;
import dev.countersign.verification.SettingsSource;
import dev.countersign.verification.VerificationSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@link ModelEnumerator} where something is read first: earlier listings, or a watch's trust. */
@Timeout(120)
final class EnumeratorPreparationTest {

  @TempDir Path folder;

  private final ObservedContext context = new ObservedContext(1);

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

  @Test
  void start_whileRevocationListsOrPoliciesCannotBeRead_plansNothing() throws Exception {
    PlanFixture fixture = new PlanFixture(folder);
    fixture.operation = Operation.VERIFY;
    fixture.trusted = new RereadSettings(fixture.trusted, new Place(fixture.trusted));
    Place.readable = false;

    try (ModelEnumerator enumerator = enumerator(fixture)) {
      enumerator.handleSplitRequest(0, null);
      int reads = Place.READS.get();
      while (Place.READS.get() < reads + 2) {
        triggerAll();
      }
      triggerAll();
      long begunBefore = enumerator.snapshotState(1).getCursor();
      enumerator.notifyCheckpointComplete(1);
      Place.readable = true;
      while (context.getSplitAssignments().isEmpty()) {
        triggerAll();
      }

      assertThat(begunBefore).isZero();
      assertThat(enumerator.snapshotState(2).getCursor()).isEqualTo(1);
    }
  }

  /** After a failure, what was read when the run was started may be old. */
  @Test
  void start_ofTheSameRunAgain_doesNotTakeWhatWasReadAtItsStart() throws Exception {
    PlanFixture fixture = new PlanFixture(folder);
    fixture.operation = Operation.VERIFY;
    VerificationSettings atStart = fixture.trusted;
    fixture.trusted = new RereadSettings(atStart, new Place(atStart));
    Place.readable = true;
    ModelSource source =
        new ModelSource(
            ListedEntries.of(List.of(fixture.entry(folder.resolve("m")))),
            new RunSettings(
                new CommandFingerprint(Map.of()),
                fixture.settings(),
                fixture.window,
                ReadSettings.defaults(),
                FaultSettings.defaults(),
                new RunSession(folder.toString()),
                false),
            "",
            true);

    assertThat(lastKnownTo(source)).isEqualTo(Optional.of(atStart));
    assertThat(lastKnownTo(source)).isEmpty();
  }

  private Optional<VerificationSettings> lastKnownTo(ModelSource source) throws Exception {
    int reads = Place.READS.get();
    try (var enumerator = source.createEnumerator(context)) {
      enumerator.start();
      while (Place.READS.get() == reads) {
        triggerAll();
      }
    }
    return Place.last;
  }

  private void triggerAll() throws Exception {
    context.triggerAllActions();
    Thread.sleep(5);
  }

  /** Where a policy or list is read again. */
  private record Place(VerificationSettings content) implements SettingsSource {

    static final AtomicInteger READS = new AtomicInteger();
    static volatile boolean readable;
    static volatile Optional<VerificationSettings> last = Optional.empty();

    @Override
    public Reading readAgain(@Nullable VerificationSettings before) throws IOException {
      last = Optional.ofNullable(before);
      return new Reading(read(), "");
    }

    @Override
    public VerificationSettings read() throws IOException {
      READS.incrementAndGet();
      if (!readable) {
        throw new IOException("The store does not answer.");
      }
      return content;
    }
  }

  private ModelEnumerator enumerator(String since) throws Exception {
    PlanFixture fixture = new PlanFixture(folder);
    fixture.incremental = new PlanSettings.Incremental(List.of(since), false);
    return enumerator(fixture);
  }

  private ModelEnumerator enumerator(PlanFixture fixture) throws Exception {
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
    enumerator.handleSourceEvent(0, new ReaderEvent.Started("process", 0));
    return enumerator;
  }
}
