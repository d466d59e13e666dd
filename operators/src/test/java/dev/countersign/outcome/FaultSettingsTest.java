package dev.countersign.outcome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FaultSettingsTest {

  private static final double ALMOST_ONE = Math.nextDown(1.0);

  @Test
  void pauseMillis_doublesUpToTheLongestAndIsAtLeastHalfOfThat() {
    FaultSettings settings = FaultSettings.defaults();

    assertThat(List.of(0, 1, 2, 3, 4, 5, 6, 62, 63, 1_000))
        .extracting(before -> settings.pauseMillis(before, 0))
        .containsExactly(
            500L, 1_000L, 2_000L, 4_000L, 8_000L, 15_000L, 15_000L, 15_000L, 15_000L, 15_000L);
    assertThat(settings.pauseMillis(0, ALMOST_ONE)).isBetween(990L, 1_000L);
    assertThat(settings.pauseMillis(100, ALMOST_ONE)).isBetween(29_990L, 30_000L);
  }

  @Test
  void constructor_refusesWhatMakesNoSense() {
    Duration second = Duration.ofSeconds(1);

    assertThatThrownBy(() -> new FaultSettings(-1, second, second, FailureLimit.NONE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new FaultSettings(1, Duration.ZERO, second, FailureLimit.NONE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new FaultSettings(1, second, Duration.ofMillis(999), FailureLimit.NONE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
