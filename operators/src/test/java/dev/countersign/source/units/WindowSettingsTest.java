package dev.countersign.source.units;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class WindowSettingsTest {

  private static final long MIB = 1 << 20;

  @Test
  void fitting_ofASmallCluster_plansAThousandModelsAnd64MibAhead() {
    WindowSettings window = WindowSettings.defaults().fitting(4, 3);

    assertThat(window.models()).isEqualTo(1_000);
    assertThat(window.bytes()).isEqualTo(64 * MIB);
  }

  @Test
  void fitting_ofALargeCluster_plansFourTimesWhatItsReadersTake() {
    WindowSettings window = WindowSettings.defaults().fitting(800, 3);

    assertThat(window.models()).isEqualTo(9_600);
    assertThat(window.bytes())
        .isEqualTo(Math.max(64 * MIB, Math.min(9_600 * MIB, Runtime.getRuntime().maxMemory() / 8)));
  }

  @Test
  void fitting_ofWhatTheUserSet_changesNothing() {
    WindowSettings set = new WindowSettings(7, 8, 9, 10, 11, 12);

    assertThat(set.fitting(800, 3)).isEqualTo(set);
  }
}
