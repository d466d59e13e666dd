package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PendingBarriersTest {

  private final PendingBarriers barriers = new PendingBarriers();

  @Test
  void begin_putsABarrierBeforeEveryReader() {
    barriers.begin(7, 2);

    assertThat(barriers.isBefore(0)).isTrue();
    assertThat(barriers.isBefore(1)).isTrue();
    assertThat(barriers.isBefore(2)).isFalse();
  }

  @Test
  void passed_isForOneReader() {
    barriers.begin(7, 2);

    barriers.passed(1, 7);
    barriers.passed(2, 7);

    assertThat(barriers.isBefore(0)).isTrue();
    assertThat(barriers.isBefore(1)).isFalse();
    assertThat(barriers.isBefore(2)).isFalse();
  }

  @Test
  void passed_ofAnEarlierCheckpoint_leavesTheLater() {
    barriers.begin(7, 1);
    barriers.begin(8, 1);

    barriers.passed(0, 7);
    boolean afterTheEarlier = barriers.isBefore(0);
    barriers.passed(0, 8);

    assertThat(afterTheEarlier).isTrue();
    assertThat(barriers.isBefore(0)).isFalse();
  }

  @Test
  void over_freesAllReadersOfThatCheckpointAndThoseBefore() {
    barriers.begin(7, 2);
    barriers.over(6);
    boolean afterAnEarlier = barriers.isBefore(0);
    barriers.over(8);

    assertThat(afterAnEarlier).isTrue();
    assertThat(barriers.isBefore(0)).isFalse();
    assertThat(barriers.isBefore(1)).isFalse();
  }

  @Test
  void begunAnew_freesThatReader() {
    barriers.begin(7, 2);

    barriers.begunAnew(0);

    assertThat(barriers.isBefore(0)).isFalse();
    assertThat(barriers.isBefore(1)).isTrue();
  }
}
