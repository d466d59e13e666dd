package dev.countersign.catalog.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LayoutGuessTest {

  @TempDir private Path lake;

  @Test
  void guess_ofPlainFolders_isNothing() throws Exception {
    FoundModels.files(lake, "vision/classifier/config.json", "language/models/x/config.json");

    assertThat(LayoutGuess.of(lake.toString())).isEmpty();
    assertThat(
            ModelDiscovery.of(lake.toString(), FoundModels.settings(LayoutName.AUTO, 3)).layout())
        .isEqualTo(LayoutName.MARKERS);
  }

  @Test
  void guess_ofAMixedFolder_isAllOfThemAndThenMarkers() throws Exception {
    FoundModels.files(lake, "models--a--b/snapshots/c/config.json", "mlruns/0/meta.yaml");

    ModelDiscovery search =
        ModelDiscovery.of(lake.toString(), FoundModels.settings(LayoutName.AUTO, 3));

    assertThat(search.recognized()).containsExactly(LayoutName.HUGGINGFACE, LayoutName.MLFLOW);
    assertThat(search.layout()).isEqualTo(LayoutName.MARKERS);
  }
}
