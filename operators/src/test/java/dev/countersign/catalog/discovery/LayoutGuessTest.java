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

    assertThat(LayoutGuess.of(lake.toString()).signs()).isEmpty();
    assertThat(
            ModelDiscovery.of(lake.toString(), FoundModels.settings(LayoutName.AUTO, 3)).layout())
        .isEqualTo(LayoutName.MARKERS);
  }

  @Test
  void guess_ofAMixedFolder_isAllOfThemAndThenMarkers() throws Exception {
    FoundModels.files(lake, "models--a--b/snapshots/c/config.json", "mlruns/0/meta.yaml");

    ModelDiscovery search =
        ModelDiscovery.of(lake.toString(), FoundModels.settings(LayoutName.AUTO, 3));

    assertThat(search.recognized())
        .containsExactlyInAnyOrder(LayoutName.HUGGINGFACE, LayoutName.MLFLOW);
    assertThat(search.layout()).isEqualTo(LayoutName.MARKERS);
  }

  @Test
  void guess_ofALayoutWithOtherFoldersBeside_isMarkersSoThatNothingIsMissed() throws Exception {
    FoundModels.files(lake, "a/models--x--y/snapshots/c/config.json", "a/other/m/config.json");
    FoundModels.files(lake, "b/mlruns/0/meta.yaml", "b/other/m/config.json");
    FoundModels.files(lake, "c/models/o/m/f/v/1/x", "c/models/o/m/f/v/1.complete", "c/other/x");

    for (String name : new String[] {"a", "b", "c"}) {
      LayoutGuess guess = LayoutGuess.of(lake + "/" + name);

      assertThat(guess.signs()).as(name).hasSize(1);
      assertThat(guess.layout()).as(name).isEqualTo(LayoutName.MARKERS);
    }
    assertThat(FoundModels.in(lake.resolve("b"), LayoutName.AUTO).described(lake))
        .containsExactly("/b/other/m|other/m|");
  }

  @Test
  void guess_ofRecipesThatHaveAMetaYaml_isNothing() throws Exception {
    FoundModels.files(lake, "recipe/meta.yaml", "models/x/config.json");

    assertThat(LayoutGuess.of(lake.toString()).signs()).isEmpty();
  }
}
