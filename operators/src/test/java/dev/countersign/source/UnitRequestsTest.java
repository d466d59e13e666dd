package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.source.UnitRequests.Answer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

final class UnitRequestsTest {

  private final Set<Integer> beforeBarrier = new HashSet<>();
  private int looks;
  private final UnitRequests requests =
      new UnitRequests(
          reader -> {
            looks++;
            return beforeBarrier.contains(reader);
          },
          reader -> reader / 10);

  @Test
  void answer_ofReadersWithoutABarrier_keepsTheOrderOfAsking() {
    requests.add(2, 2);
    requests.add(1, 1);
    requests.add(2, 1);

    assertThat(all()).containsExactly(2, 2, 1, 2);
  }

  @Test
  void answer_ofReadersBeforeABarrier_waitsUntilEachHasPassed() {
    requests.add(1, 2);
    requests.add(2, 1);
    requests.add(3, 1);
    beforeBarrier.addAll(Set.of(1, 2));

    assertThat(all()).containsExactly(3);
    beforeBarrier.remove(2);
    requests.passed(2);
    assertThat(all()).containsExactly(2);
    beforeBarrier.clear();
    requests.checkpointOver();

    assertThat(all()).containsExactly(1, 1);
  }

  @Test
  void forget_ofAReader_dropsWhatItAskedForBeforeABarrierAndSince() {
    requests.add(1, 2);
    requests.add(2, 1);
    beforeBarrier.add(1);
    assertThat(all()).containsExactly(2);
    requests.add(2, 1);
    requests.add(1, 1);

    requests.forget(1);
    beforeBarrier.clear();
    requests.checkpointOver();

    assertThat(all()).containsExactly(2);
  }

  /** Looks are counted: what every unit costs must not grow with the readers. */
  @Test
  void answer_whileManyReadersHaveABarrierBeforeThem_looksAtEachRequestOnce() {
    for (int reader = 1; reader < 800; reader++) {
      requests.add(reader, 3);
      beforeBarrier.add(reader);
    }
    assertThat(all()).isEmpty();
    int waiting = looks;

    for (int unit = 0; unit < 1_000; unit++) {
      requests.add(0, 1);
      assertThat(all()).containsExactly(0);
    }

    assertThat(waiting).isEqualTo(3 * 799);
    assertThat(looks - waiting).isEqualTo(1_000);
  }

  @Test
  void answer_whereAMachineHasNothing_looksAtOneOfItsRequestsEachTime() {
    for (int reader = 10; reader < 20; reader++) {
      requests.add(reader, 100);
    }
    assertThat(all(reader -> Answer.WAITS)).isEmpty();
    looks = 0;

    for (int unit = 0; unit < 50; unit++) {
      requests.add(5, 1);
      requests.add(12, 1);
      assertThat(all(reader -> reader < 10 ? Answer.MET : Answer.WAITS)).containsExactly(5);
    }

    assertThat(looks).isEqualTo(50 * 3);
    assertThat(all()).hasSize(1_050).startsWith(10, 10).endsWith(12);
  }

  @Test
  void answer_whenNobodyGetsAnything_keepsAllRequests() {
    requests.add(10, 1);
    requests.add(1, 1);
    assertThat(all(reader -> reader < 10 ? Answer.ALL_WAIT : Answer.WAITS)).isEmpty();
    assertThat(all(reader -> Answer.ALL_WAIT)).isEmpty();

    assertThat(all()).containsExactly(10, 1);
  }

  @Test
  void forget_ofAReaderWhoseMachineHadNothing_dropsItsRequests() {
    requests.add(10, 2);
    requests.add(11, 1);
    assertThat(all(reader -> Answer.WAITS)).isEmpty();

    requests.forget(10);

    assertThat(all()).containsExactly(11);
  }

  @Test
  void answer_ofAReaderThatHasABarrierBeforeItSinceItWaited_waitsForThat() {
    requests.add(10, 2);
    assertThat(all(reader -> Answer.WAITS)).isEmpty();
    beforeBarrier.add(10);

    assertThat(all()).isEmpty();
    beforeBarrier.clear();
    requests.passed(10);

    assertThat(all()).containsExactly(10, 10);
  }

  private List<Integer> all() {
    return all(reader -> Answer.MET);
  }

  /** The readers whose requests are met, in that order. */
  private List<Integer> all(IntFunction<Answer> answers) {
    List<Integer> readers = new ArrayList<>();
    requests.answer(
        reader -> {
          Answer answer = answers.apply(reader);
          if (answer == Answer.MET) {
            readers.add(reader);
          }
          return answer;
        });
    return readers;
  }
}
