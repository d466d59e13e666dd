package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.signals.EnumeratorEvent;
import dev.countersign.source.signals.ReaderEvent;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.UnitId;
import dev.countersign.source.units.WindowSettings;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ModelEnumeratorTest extends AbstractEnumeratorTest {

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
  void handleSourceEvent_ofAStartAndOfAnswers_handsOutAsManyUnitsAsTheyAskFor() throws Exception {
    addModel("small", 5, 4, 3, 2, 1);
    ObservedContext context = new ObservedContext(1);
    ModelEnumerator enumerator = enumerator(context, null);
    context.registerReader(0, "host");

    enumerator.handleSourceEvent(0, new ReaderEvent.Started("process", 2));
    context.await(2);
    context.settle();
    assertThat(context.assigned).hasSize(2);
    enumerator.handleSourceEvent(0, finished(context.assigned.get(0)));
    enumerator.handleSourceEvent(
        0,
        new ReaderEvent.Failed(new UnitId(0, 1, 1), 1, FailureReason.UNREADABLE, "Lost it.", true));

    assertThat(context.assigned).hasSize(4);
  }

  /** Flink copies its map of readers for whoever asks for them, which 800 readers make dear. */
  @Test
  void handleSplitRequest_ofEveryUnit_looksAtNoOtherReader() throws Exception {
    addModel("small", 5, 4, 3, 2, 1);
    ObservedContext context = new ObservedContext(2);
    ModelEnumerator enumerator = enumerator(context, null, 0, 1);
    int before = context.copies;

    for (int unit = 0; unit < 4; unit++) {
      enumerator.handleSplitRequest(unit % 2, null);
    }
    context.await(4);
    enumerator.handleSourceEvent(0, finished(context.assigned.get(0)));

    assertThat(context.copies).isEqualTo(before);
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
        0,
        new ReaderEvent.Failed(
            new UnitId(0, 1, 0), 1, FailureReason.UNREADABLE, "cannot be read", false));
    enumerator.handleSplitRequest(0, null);

    assertThat(context.sentTo(1)).containsExactly(new EnumeratorEvent.CancelModel(0, 1));
    assertThat(context.sentTo(0))
        .containsExactly(new EnumeratorEvent.AnswerTaken(new UnitId(0, 1, 0)));
    assertThat(context.assigned).hasSize(2);
    enumerator.handleSourceEvent(1, new ReaderEvent.GivenBack(new UnitId(0, 1, 1), 1));
    WorkUnit verdict = context.assigned.get(2).split().unit();
    assertThat(verdict.getVerdict().getReason()).isEqualTo(FailureReason.UNREADABLE);
    assertThat(verdict.getVerdict().getMessage()).isEqualTo("cannot be read");
    enumerator.handleSourceEvent(0, finished(context.assigned.get(2)));
    assertThat(context.ended).containsExactlyInAnyOrder(0, 1);
  }

  @Test
  void handleSourceEvent_ofAnotherSource_isRefused() {
    ModelEnumerator enumerator = enumerator(new ObservedContext(1), null, 0);

    assertThatThrownBy(() -> enumerator.handleSourceEvent(0, new EnumeratorEvent.CancelModel(0, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no event of this source");
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
          0,
          new ReaderEvent.Failed(
              new UnitId(0, 1, 0), 1, FailureReason.UNREADABLE, "Lost it.", true));
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

    enumerator.handleSourceEvent(1, new ReaderEvent.EndEarly());
    enumerator.handleSourceEvent(0, new ReaderEvent.EndEarly());
    enumerator.handleSplitRequest(0, null);
    enumerator.handleSourceEvent(0, new ReaderEvent.GivenBack(new UnitId(0, 1, 0), 1));
    enumerator.handleSourceEvent(1, new ReaderEvent.GivenBack(new UnitId(0, 1, 1), 1));

    assertThat(context.sentTo(0))
        .containsExactly(
            new EnumeratorEvent.CancelModel(0, 1),
            new EnumeratorEvent.AnswerTaken(new UnitId(0, 1, 0)));
    assertThat(context.sentTo(1))
        .containsExactly(
            new EnumeratorEvent.CancelModel(0, 1),
            new EnumeratorEvent.AnswerTaken(new UnitId(0, 1, 1)));
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
}
