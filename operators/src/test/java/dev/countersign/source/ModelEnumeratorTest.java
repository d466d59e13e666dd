package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.ListedEntries;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.WatchState;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.trust.TrustException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class ModelEnumeratorTest {

  @TempDir Path folder;

  private final List<ModelEnumerator> open = new ArrayList<>();
  private final List<CatalogEntry> entries = new ArrayList<>();
  private boolean again;
  private final FaultSettings faults =
      new FaultSettings(2, Duration.ofMillis(20), Duration.ofMillis(20), FailureLimit.NONE);
  private PlanFixture fixture;

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

  @Test
  void handleSplitRequest_answersInTheOrderOfAsking() throws Exception {
    addModel("small", 3, 2, 1);
    ObservedContext context = new ObservedContext(3);
    ModelEnumerator enumerator = enumerator(context, null, 0, 1, 2);

    for (int reader : new int[] {2, 0, 1}) {
      enumerator.handleSplitRequest(reader, null);
    }
    context.await(3);

    assertThat(context.assigned)
        .extracting(assigned -> assigned.reader() + ": " + length(assigned.split()))
        .containsExactly("2: 3", "0: 2", "1: 1");
  }

  @Test
  void handleSplitRequest_leavesNothingButTheIdentityWithFlink() throws Exception {
    fixture.window = new WindowSettings(100, 1 << 20, 2, 1 << 20, 10, 1 << 20);
    addModel("packed", 3, 2, 1);
    ObservedContext context = new ObservedContext(1);
    ModelEnumerator enumerator = enumerator(context, null, 0);

    enumerator.handleSplitRequest(0, null);
    context.await(1);
    ModelSplit sent = context.assigned.get(0).split();
    ModelSplit kept = context.kept.get(0);
    enumerator.addSplitsBack(List.of(kept), 0);
    start(enumerator, 0);
    enumerator.handleSplitRequest(0, null);

    assertThat(sent.unit().getRanges()).hasSize(3);
    assertThat(kept).isEqualTo(sent);
    assertThat(kept.unit()).isEqualTo(kept.identity("").unit());
    assertThat(context.assigned.get(1).split().unit()).isEqualTo(sent.unit());
  }

  @Test
  void handleSourceEvent_ofEveryUnit_endsEachReaderOnce() throws Exception {
    addModel("a", 1);
    ObservedContext context = new ObservedContext(2);
    ModelEnumerator enumerator = enumerator(context, null, 0, 1);
    enumerator.handleSplitRequest(0, null);
    enumerator.handleSplitRequest(1, null);
    context.await(1);

    assertThat(context.ended).isEmpty();
    enumerator.handleSourceEvent(0, finished(context.assigned.get(0)));
    enumerator.handleSplitRequest(0, null);
    enumerator.notifyCheckpointComplete(1);

    assertThat(context.ended).containsExactlyInAnyOrder(0, 1);
    start(enumerator, 1);
    assertThat(context.ended).containsExactlyInAnyOrder(0, 1, 1);
  }

  @Test
  void start_withoutAnyModel_endsReadersAsTheyCome() throws Exception {
    ObservedContext context = new ObservedContext(1);

    enumerator(context, null, 0);

    assertThat(context.ended).containsExactly(0);
  }

  @Test
  void handleSourceEvent_ofAFailure_cancelsElsewhereAndEndsTheModelWithAVerdict() throws Exception {
    addModel("bad", 3, 2, 1);
    ObservedContext context = new ObservedContext(2);
    ModelEnumerator enumerator = enumerator(context, null, 0, 1);
    enumerator.handleSplitRequest(0, null);
    enumerator.handleSplitRequest(1, null);
    context.await(2);

    enumerator.handleSourceEvent(
        0, new UnitEvent.Failed(0, 1, 0, FailureReason.UNREADABLE, "cannot be read", false));
    enumerator.handleSplitRequest(0, null);

    assertThat(context.sentTo(1)).containsExactly(new CancelModel(0, 1));
    assertThat(context.sentTo(0)).containsExactly(new AnswerTaken(0, 1, 0));
    assertThat(context.assigned).hasSize(2);
    enumerator.handleSourceEvent(1, new UnitEvent.GivenBack(0, 1, 1));
    WorkUnit verdict = context.assigned.get(2).split().unit();
    assertThat(verdict.getVerdict().getReason()).isEqualTo(FailureReason.UNREADABLE);
    assertThat(verdict.getVerdict().getMessage()).isEqualTo("cannot be read");
    enumerator.handleSourceEvent(0, finished(context.assigned.get(2)));
    assertThat(context.ended).containsExactlyInAnyOrder(0, 1);
  }

  @Test
  void handleSourceEvent_ofAnotherSource_isRefused() {
    ModelEnumerator enumerator = enumerator(new ObservedContext(1), null, 0);

    assertThatThrownBy(() -> enumerator.handleSourceEvent(0, new CancelModel(0, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no event of this source");
  }

  @Test
  void addReader_ofALostReader_givesItsUnitsToOthersAndForgetsItsRequests() throws Exception {
    addModel("a", 2, 1);
    ObservedContext context = new ObservedContext(2);
    ModelEnumerator enumerator = enumerator(context, null, 0, 1);
    enumerator.handleSplitRequest(0, null);
    enumerator.handleSplitRequest(0, null);
    enumerator.handleSplitRequest(0, null);
    context.await(2);
    List<ModelSplit> lost = context.assigned.stream().map(ObservedContext.Assigned::split).toList();

    enumerator.addSplitsBack(lost, 0);
    enumerator.handleSplitRequest(1, null);
    enumerator.handleSplitRequest(1, null);
    assertThat(context.assigned).as("what the lost reader kept is not known yet").hasSize(2);
    start(enumerator, 0);

    assertThat(context.assigned).hasSize(4);
    assertThat(context.assigned.subList(2, 4))
        .extracting(ObservedContext.Assigned::reader)
        .containsExactly(1, 1);
    assertThat(context.assigned.subList(2, 4))
        .extracting(ObservedContext.Assigned::split)
        .isEqualTo(lost);
  }

  @Test
  void addReader_afterARestore_handsOutOnlyWhenAllAreBack() throws Exception {
    addModel("a", 3, 2, 1);
    ObservedContext before = new ObservedContext(2);
    ModelEnumerator first = enumerator(before, null, 0, 1);
    first.handleSplitRequest(0, null);
    first.handleSplitRequest(1, null);
    before.await(2);
    EnumeratorState state = first.snapshotState(1);

    ObservedContext context = new ObservedContext(2);
    ModelEnumerator second = enumerator(context, state);
    context.reported.put(0, List.of(before.assigned.get(0).split().identity("gone")));
    context.registerReader(0, "host");
    start(second, 0);
    second.handleSplitRequest(0, null);
    context.settle();
    int early = context.assigned.size();
    context.registerReader(1, "host");
    start(second, 1);
    second.handleSplitRequest(1, null);
    context.await(1);
    second.notifyCheckpointComplete(2);
    context.await(2);

    assertThat(early).isZero();
    assertThat(context.assigned)
        .extracting(assigned -> length(assigned.split()))
        .containsExactlyInAnyOrder(1L, 3L);
    for (ObservedContext.Assigned assigned : List.copyOf(context.assigned)) {
      second.handleSourceEvent(assigned.reader(), finished(assigned));
    }
    assertThat(context.ended).containsExactlyInAnyOrder(0, 1);
  }

  @Test
  void addReader_afterARestoreOfAModelThatChanged_failsTheModel() throws Exception {
    addModel("a", 2, 1);
    ObservedContext before = new ObservedContext(1);
    ModelEnumerator first = enumerator(before, null, 0);
    first.handleSplitRequest(0, null);
    before.await(1);
    EnumeratorState state = first.snapshotState(1);
    Files.writeString(folder.resolve("models/a/file0"), "changed");

    ObservedContext context = new ObservedContext(1);
    ModelEnumerator second = enumerator(context, state, 0);
    second.handleSplitRequest(0, null);
    context.await(1);

    assertThat(context.assigned.get(0).split().unit().getVerdict().getReason())
        .isEqualTo(FailureReason.CHANGED_WHILE_READ);
  }

  @Test
  void handleSourceEvent_ofAFaultThatMayPass_handsTheUnitOutAgainAfterAPause() throws Exception {
    addModel("flaky", 1);
    ObservedContext context = new ObservedContext(1);
    ModelEnumerator enumerator = enumerator(context, null, 0);
    for (int tries = 1; tries <= 3; tries++) {
      enumerator.handleSplitRequest(0, null);
      context.await(tries);
      enumerator.handleSourceEvent(
          0, new UnitEvent.Failed(0, 1, 0, FailureReason.UNREADABLE, "Lost it.", true));
    }
    enumerator.handleSplitRequest(0, null);
    context.await(4);

    assertThat(context.assigned.subList(0, 3))
        .extracting(assigned -> assigned.split().unit().getVerdict())
        .containsOnlyNulls();
    assertThat(context.assigned.get(3).split().unit().getVerdict().getMessage())
        .isEqualTo("Lost it. Tried 3 times.");
  }

  @Test
  void handleSourceEvent_toEndEarly_cancelsEndsReadersAndBeginsNothingMore() throws Exception {
    // One planner: the first model is planned first.
    fixture.window = new WindowSettings(100, 1 << 20, 1, 1, 10, 1 << 20);
    addModel("partly", 3, 2, 1);
    addModel("waits", 1);
    ObservedContext context = new ObservedContext(2);
    ModelEnumerator enumerator = enumerator(context, null, 0, 1);
    enumerator.handleSplitRequest(0, null);
    enumerator.handleSplitRequest(1, null);
    context.await(2);

    enumerator.handleSourceEvent(1, new EndEarly());
    enumerator.handleSourceEvent(0, new EndEarly());
    enumerator.handleSplitRequest(0, null);
    enumerator.handleSourceEvent(0, new UnitEvent.GivenBack(0, 1, 0));
    enumerator.handleSourceEvent(1, new UnitEvent.GivenBack(0, 1, 1));

    assertThat(context.sentTo(0)).containsExactly(new CancelModel(0, 1), new AnswerTaken(0, 1, 0));
    assertThat(context.sentTo(1)).containsExactly(new CancelModel(0, 1), new AnswerTaken(0, 1, 1));
    assertThat(context.assigned).hasSize(2);
    assertThat(context.ended).containsExactlyInAnyOrder(0, 1);
    EnumeratorState state = enumerator.snapshotState(1);
    assertThat(state.getEndedEarly()).isTrue();
    assertThat(state.getWindow()).isEmpty();
    ObservedContext later = new ObservedContext(1);
    ModelEnumerator restored = enumerator(later, state);
    later.reported.put(0, List.of(context.assigned.get(0).split().identity("gone")));
    later.registerReader(0, "host");
    start(restored, 0);
    assertThat(later.ended).containsExactly(0);
  }

  @Test
  void snapshotState_keepsBackWhatIsForReadersBeforeTheBarrier() throws Exception {
    addModel("a", 2, 1);
    ObservedContext context = new ObservedContext(2);
    ModelEnumerator enumerator = enumerator(context, null, 0, 1);
    enumerator.handleSplitRequest(0, null);
    context.await(1);
    enumerator.snapshotState(1);
    enumerator.handleSplitRequest(1, null);
    enumerator.handleSplitRequest(0, null);
    enumerator.handleSourceEvent(0, new PassedBarrier(1));
    assertThat(context.assigned).extracting(ObservedContext.Assigned::reader).containsExactly(0, 0);
    enumerator.snapshotState(2);
    enumerator.handleSourceEvent(
        0, new UnitEvent.Failed(0, 1, 1, FailureReason.UNREADABLE, "no", false));
    assertThat(context.sentTo(0)).isEmpty();
    enumerator.notifyCheckpointAborted(2);
    assertThat(context.sentTo(0)).containsExactly(new AnswerTaken(0, 1, 1), new CancelModel(0, 1));
    enumerator.snapshotState(3);
    enumerator.handleSourceEvent(0, finished(context.assigned.get(0)));
    enumerator.handleSourceEvent(1, new PassedBarrier(3));
    enumerator.handleSourceEvent(1, finished(context.assigned.get(2)));
    assertThat(context.ended).containsExactly(1);
    start(enumerator, 0);
    assertThat(context.ended).containsExactly(1, 0);
  }

  @Test
  void snapshotState_beforeAFailureThatTheReaderTellsBeforeItsBarrier_losesNoModel()
      throws Exception {
    addModel("bad", 1);
    ObservedContext context = new ObservedContext(1);
    ModelEnumerator enumerator = enumerator(context, null, 0);
    enumerator.handleSplitRequest(0, null);
    context.await(1);
    ModelSplit unit = context.assigned.get(0).split();
    EnumeratorState state = enumerator.snapshotState(1);

    enumerator.handleSourceEvent(
        0, new UnitEvent.Failed(0, 1, 0, FailureReason.UNREADABLE, "no", false));
    assertThat(context.sentTo(0)).as("the reader keeps the unit in its state").isEmpty();
    enumerator.handleSourceEvent(0, new PassedBarrier(1));

    assertThat(context.sentTo(0)).containsExactly(new AnswerTaken(0, 1, 0));
    ObservedContext later = new ObservedContext(1);
    later.reported.put(0, List.of(unit.identity("gone")));
    ModelEnumerator restored = enumerator(later, state, 0);
    restored.handleSplitRequest(0, null);
    restored.notifyCheckpointComplete(2);
    later.await(1);
    assertThat(later.ended).isEmpty();
    assertThat(later.assigned.get(0).split()).isEqualTo(unit);
  }

  @Test
  void handleSourceEvent_ofAFailureBeforeTheBarrier_handsTheUnitOutOnlyBehindIt() throws Exception {
    addModel("flaky", 1);
    ObservedContext context = new ObservedContext(2);
    ModelEnumerator enumerator = enumerator(context, null, 0, 1);
    enumerator.handleSplitRequest(0, null);
    context.await(1);
    enumerator.snapshotState(1);
    enumerator.handleSourceEvent(1, new PassedBarrier(1));
    enumerator.handleSplitRequest(1, null);

    enumerator.handleSourceEvent(
        0, new UnitEvent.Failed(0, 1, 0, FailureReason.UNREADABLE, "Lost it.", true));
    Thread.sleep(100);
    context.settle();
    assertThat(context.assigned).as("reader 0 has the unit in checkpoint 1, too").hasSize(1);
    enumerator.handleSourceEvent(0, new PassedBarrier(1));
    context.await(2);

    assertThat(context.assigned.get(1).reader()).isEqualTo(1);
  }

  @Test
  void addSplitsBack_ofAReaderWhoseFailureWasNotTaken_handsTheUnitOutAgain() throws Exception {
    addModel("flaky", 1);
    ObservedContext context = new ObservedContext(1);
    ModelEnumerator enumerator = enumerator(context, null, 0);
    enumerator.handleSplitRequest(0, null);
    context.await(1);
    ModelSplit unit = context.assigned.get(0).split();
    enumerator.snapshotState(1);
    enumerator.handleSourceEvent(
        0, new UnitEvent.Failed(0, 1, 0, FailureReason.UNREADABLE, "no", false));

    enumerator.addSplitsBack(List.of(unit), 0);
    enumerator.notifyCheckpointAborted(1);
    start(enumerator, 0);
    enumerator.handleSplitRequest(0, null);
    context.await(2);

    assertThat(context.sentTo(0)).isEmpty();
    assertThat(context.assigned.get(1).split().unit().getVerdict()).isNull();
  }

  @Test
  void start_ofARunThatWasBegunBefore_letsItsBundlesProveNothing() throws Exception {
    fixture.existing = ExistingBundle.REFUSE;
    addModel("a", 1);
    Path bundle = folder.resolve("models/a/model.sig");
    Files.writeString(bundle, "by whoever");
    Files.setLastModifiedTime(bundle, FileTime.from(Instant.now().plusSeconds(3_600)));
    EnumeratorState saved = enumerator(new ObservedContext(1), null).snapshotState(1);

    WorkUnit first = planned(null);
    again = true;
    WorkUnit withoutCheckpoint = planned(null);
    again = false;
    assertThat(planned(saved).getVerdict()).isNull();
    assertThat(first.getVerdict().getReason()).isEqualTo(FailureReason.BUNDLE_EXISTS);
    assertThat(withoutCheckpoint.getVerdict()).isNull();
  }

  private WorkUnit planned(@Nullable EnumeratorState saved) throws Exception {
    ObservedContext context = new ObservedContext(1);
    enumerator(context, saved, 0).handleSplitRequest(0, null);
    context.await(1);
    return context.assigned.get(0).split().unit();
  }

  @Test
  void start_fromAStateOfALaterVersion_saysSo() throws Exception {
    addModel("a", 1);
    UnreadableState.Serializer serializer = new UnreadableState.Serializer();
    byte[] bytes = serializer.serialize(enumerator(new ObservedContext(1), null).snapshotState(1));
    EnumeratorState later = serializer.deserialize(serializer.getVersion() + 1, bytes);
    ObservedContext context = new ObservedContext(1);

    assertThatThrownBy(() -> enumerator(context, later, 0))
        .isInstanceOf(SuppressRestartsException.class)
        .rootCause()
        .hasMessageContaining("of state version 2: this release reads version 1");
    assertThat(serializer.deserialize(serializer.getVersion(), bytes).getCursor()).isZero();
  }

  @Test
  void start_fromTheDamagedStateOfAWatch_saysSo() throws Exception {
    addModel("a", 1);
    UnreadableState.Serializer serializer = new UnreadableState.Serializer();
    EnumeratorState saved = enumerator(new ObservedContext(1), null).snapshotState(1);
    saved.setWatch(new WatchState(List.of(), ByteBuffer.wrap(new byte[7])));
    EnumeratorState damaged =
        serializer.deserialize(serializer.getVersion(), serializer.serialize(saved));
    ObservedContext context = new ObservedContext(1);

    assertThatThrownBy(() -> enumerator(context, damaged, 0))
        .isInstanceOf(SuppressRestartsException.class)
        .rootCause()
        .hasMessage("Cannot restore the watch: its memory is damaged.");
  }

  @Test
  void close_whilePlanning_isQuiet() throws Exception {
    for (int i = 0; i < 20; i++) {
      addModel("model" + i, 1);
    }
    ObservedContext context = new ObservedContext(1);
    ModelEnumerator enumerator = enumerator(context, null, 0);

    enumerator.close();
    context.settle();
    enumerator.handleSplitRequest(0, null);

    assertThat(context.assigned).isEmpty();
  }

  private ModelEnumerator enumerator(
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
  private static void start(ModelEnumerator enumerator, int reader) {
    enumerator.addReader(reader);
    enumerator.handleSourceEvent(reader, new ReaderStarted("process-" + reader));
  }

  /** Adds a model with a file of each length. */
  private void addModel(String name, int... lengths) throws IOException {
    Path model = Files.createDirectories(folder.resolve("models").resolve(name));
    for (int i = 0; i < lengths.length; i++) {
      Files.write(model.resolve("file" + i), new byte[lengths[i]]);
    }
    entries.add(
        new CatalogEntry(
            entries.size(), model.toString(), name, "", model.resolve("model.sig").toString()));
  }

  private static long length(ModelSplit split) {
    return split.unit().getRanges().get(0).getLength();
  }

  private static UnitEvent finished(ObservedContext.Assigned assigned) {
    UnitId id = assigned.split().id();
    return new UnitEvent.Finished(id.entryId(), id.attempt(), id.unit());
  }
}
