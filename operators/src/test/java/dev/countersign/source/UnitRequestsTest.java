package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class UnitRequestsTest {

  private final Set<Integer> beforeBarrier = new HashSet<>();
  private int looks;
  private final UnitRequests requests =
      new UnitRequests(
          reader -> {
            looks++;
            return beforeBarrier.contains(reader);
          });

  @Test
  void peek_ofReadersWithoutABarrier_keepsTheOrderOfAsking() {
    requests.add(2, 2);
    requests.add(1, 1);
    requests.add(2, 1);

    assertThat(all()).containsExactly(2, 2, 1, 2);
  }

  @Test
  void peek_ofReadersBeforeABarrier_waitsUntilEachHasPassed() {
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
    assertThat(requests.peek()).hasValue(2);
    requests.add(1, 1);

    requests.forget(1);
    beforeBarrier.clear();
    requests.checkpointOver();

    assertThat(all()).containsExactly(2);
  }

  /** Looks are counted: what every unit costs must not grow with the readers. */
  @Test
  void peek_whileManyReadersHaveABarrierBeforeThem_looksAtEachRequestOnce() {
    for (int reader = 1; reader < 800; reader++) {
      requests.add(reader, 3);
      beforeBarrier.add(reader);
    }
    assertThat(requests.peek()).isEmpty();
    int waiting = looks;

    for (int unit = 0; unit < 1_000; unit++) {
      requests.add(0, 1);
      assertThat(requests.peek()).hasValue(0);
      requests.remove();
    }

    assertThat(waiting).isEqualTo(3 * 799);
    assertThat(looks - waiting).isEqualTo(1_000);
  }

  private List<Integer> all() {
    List<Integer> readers = new ArrayList<>();
    for (OptionalInt next = requests.peek(); next.isPresent(); next = requests.peek()) {
      readers.add(next.getAsInt());
      requests.remove();
    }
    return readers;
  }
}
