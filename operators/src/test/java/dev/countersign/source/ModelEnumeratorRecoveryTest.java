package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.WatchState;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.checkpoint.UnreadableState;
import dev.countersign.source.ledger.Plans;
import dev.countersign.source.planning.ExistingBundle;
import dev.countersign.source.signals.EnumeratorEvent;
import dev.countersign.source.signals.ReaderEvent;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.UnitId;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ModelEnumeratorRecoveryTest extends AbstractEnumeratorTest {

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
  void planning_thatHasToWaitForMemory_letsAUnitThatMustRunAloneGoOut() throws Exception {
    List<ModelSplit> assigned = new ArrayList<>();
    try (SimulatedEnumerator enumerator =
        new SimulatedEnumerator(
            fixture.settings(),
            "",
            false,
            2,
            1,
            entry -> Plans.ofUnits(entry, 10),
            (reader, message) -> {
              if (message instanceof ModelSplit split) {
                assigned.add(split);
              }
            },
            new Random(1))) {
      enumerator.begin(folder.toString(), 0, null, false);
      for (int process = 0; process < 4; process++) {
        enumerator.register(0, List.of());
        enumerator.event(0, new ReaderEvent.Started(folder + "-" + process, 1));
        if (process == 0) {
          boolean unused = enumerator.planOne(entry -> false);
          enumerator.runActions();
        }
        if (process < 3) {
          enumerator.lost(0);
          enumerator.splitsBack(List.of(assigned.get(process)), 0);
        }
      }
      assertThat(assigned).as("while the other model is planned").hasSize(3);

      enumerator.planningWaits();
      enumerator.runActions();

      assertThat(assigned).hasSize(4);
      assertThat(assigned).extracting(ModelSplit::id).containsOnly(assigned.get(0).id());
    }
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
  void addReader_afterARestoreOfAModelThatChanged_readsItAgainFromItsStart() throws Exception {
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

    assertThat(context.assigned.get(0).split().unit().getVerdict()).isNull();
    assertThat(context.assigned.get(0).split().id().attempt()).isEqualTo(2);
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
    enumerator.handleSourceEvent(0, new ReaderEvent.PassedBarrier(1));
    assertThat(context.assigned).extracting(ObservedContext.Assigned::reader).containsExactly(0, 0);
    enumerator.snapshotState(2);
    enumerator.handleSourceEvent(
        0, new ReaderEvent.Failed(new UnitId(0, 1, 1), 1, FailureReason.UNREADABLE, "no", false));
    assertThat(context.sentTo(0)).isEmpty();
    enumerator.notifyCheckpointAborted(2);
    assertThat(context.sentTo(0))
        .containsExactly(
            new EnumeratorEvent.AnswerTaken(new UnitId(0, 1, 1)),
            new EnumeratorEvent.CancelModel(0, 1));
    enumerator.snapshotState(3);
    enumerator.handleSourceEvent(0, finished(context.assigned.get(0)));
    enumerator.handleSourceEvent(1, new ReaderEvent.PassedBarrier(3));
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
        0, new ReaderEvent.Failed(new UnitId(0, 1, 0), 1, FailureReason.UNREADABLE, "no", false));
    assertThat(context.sentTo(0)).as("the reader keeps the unit in its state").isEmpty();
    enumerator.handleSourceEvent(0, new ReaderEvent.PassedBarrier(1));

    assertThat(context.sentTo(0))
        .containsExactly(new EnumeratorEvent.AnswerTaken(new UnitId(0, 1, 0)));
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
    enumerator.handleSourceEvent(1, new ReaderEvent.PassedBarrier(1));
    enumerator.handleSplitRequest(1, null);

    enumerator.handleSourceEvent(
        0,
        new ReaderEvent.Failed(new UnitId(0, 1, 0), 1, FailureReason.UNREADABLE, "Lost it.", true));
    Thread.sleep(100);
    context.settle();
    assertThat(context.assigned).as("reader 0 has the unit in checkpoint 1, too").hasSize(1);
    enumerator.handleSourceEvent(0, new ReaderEvent.PassedBarrier(1));
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
        0, new ReaderEvent.Failed(new UnitId(0, 1, 0), 1, FailureReason.UNREADABLE, "no", false));

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
}
