package dev.countersign.options.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.catalog.discovery.DiscoverySettings;
import dev.countersign.catalog.discovery.LayoutName;
import dev.countersign.options.Command;
import dev.countersign.options.UsageException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class DiscoveryChecksTest {

  @Test
  void settings_withoutOptions_leaveTheLayoutOpen() {
    DiscoverySettings settings = settings();

    assertThat(settings.layout()).isEqualTo(LayoutName.AUTO);
    assertThat(settings.markers()).isEqualTo(DiscoverySettings.DEFAULT_MARKERS);
    assertThat(settings.maxDepth()).isEqualTo(100);
  }

  @Test
  void settings_withADepthOrMarkersAlone_meanThatLayout() {
    DiscoverySettings depth = settings("depth", "2");
    DiscoverySettings markers = settings("marker", "*.npz");

    assertThat(depth.layout()).isEqualTo(LayoutName.DEPTH);
    assertThat(depth.depth()).isEqualTo(2);
    assertThat(markers.layout()).isEqualTo(LayoutName.MARKERS);
    assertThat(markers.markers()).containsExactly("*.npz");
    assertThat(settings("layout", "versions").depth()).isEqualTo(3);
    assertThat(settings("layout", "versions", "depth", "2").depth()).isEqualTo(2);
  }

  @Test
  void settings_thatDoNotGoTogether_areRefusedByName() {
    assertThatThrownBy(() -> settings("layout", "depth"))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith("catalog needs --depth N: ");
    assertThatThrownBy(() -> settings("layout", "kaggle", "depth", "2"))
        .hasMessage("--depth does not go with --layout kaggle: it goes with depth and versions.");
    assertThatThrownBy(() -> settings("layout", "auto", "marker", "x"))
        .hasMessage("--marker does not go with --layout auto: it goes with markers.");
    assertThatThrownBy(() -> settings("depth", "1", "marker", "x"))
        .hasMessage(
            "--depth does not go with --marker: models are told by their level or by their files.");
    assertThatThrownBy(() -> settings("depth", "0")).hasMessageContaining("must be a whole number");
  }

  private static DiscoverySettings settings(String... options) {
    Map<String, List<String>> flags = new HashMap<>();
    for (int i = 0; i < options.length; i += 2) {
      flags.put(options[i], List.of(options[i + 1]));
    }
    return DiscoveryChecks.of(
        OptionValues.resolve(Command.CATALOG, flags, Map.of(), ConfigEntries.NONE));
  }
}
