package dev.countersign.catalog.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KaggleLayoutTest {

  @TempDir private Path home;
  private Path cache;

  /** As kagglehub lays it out: two whole versions, one that was cut off, one single file. */
  @BeforeEach
  void makeCache() throws IOException {
    cache = home.resolve("kagglehub");
    FoundModels.files(
        cache,
        "models/google/bert/tensorFlow2/answer-equivalence-bem/1/saved_model.pb",
        "models/google/bert/tensorFlow2/answer-equivalence-bem/1.complete",
        "models/google/bert/tensorFlow2/answer-equivalence-bem/2/saved_model.pb",
        "models/google/bert/tensorFlow2/answer-equivalence-bem/2.archive",
        "models/google/bert/tensorFlow2/answer-equivalence-bem/.complete/3/variables/x.complete",
        "models/metaresearch/llama/pyTorch/7b/1/consolidated.00.pth",
        "models/metaresearch/llama/pyTorch/7b/1.complete",
        "datasets/someone/data/versions/1/config.json");
  }

  @Test
  void find_inACache_givesTheVersionsThatAreWhole() throws Exception {
    FoundModels found = FoundModels.in(cache, LayoutName.KAGGLE);

    assertThat(found.described(cache.resolve("models")))
        .containsExactly(
            "/google/bert/tensorFlow2/answer-equivalence-bem/1"
                + "|google/bert/tensorFlow2/answer-equivalence-bem|1|{framework=tensorFlow2}",
            "/metaresearch/llama/pyTorch/7b/1|metaresearch/llama/pyTorch/7b|1|{framework=pyTorch}");
    assertThat(found.notes)
        .containsExactly(
            "Left out: "
                + cache
                + "/models/google/bert/tensorFlow2/answer-equivalence-bem/2, which was not"
                + " downloaded completely: there is no 2.complete next to it.");
    assertThat(found.entered).doesNotContain(cache + "/datasets");
  }

  @Test
  void find_inPartsOfACache_givesWholeNames() throws Exception {
    FoundModels models = FoundModels.in(cache.resolve("models"), LayoutName.KAGGLE);
    FoundModels owner = FoundModels.in(cache.resolve("models/metaresearch"), LayoutName.KAGGLE);

    assertThat(models.rows).hasSize(2);
    assertThat(owner.rows)
        .singleElement()
        .satisfies(row -> assertThat(row.name()).isEqualTo("metaresearch/llama/pyTorch/7b"));
  }

  @Test
  void guess_ofACache_isKaggle() throws Exception {
    Path copy = home.resolve("copy");
    FoundModels.files(
        copy, "owner/model/framework/variation/1/x", "owner/model/framework/variation/1.complete");

    assertThat(LayoutGuess.of(cache.toString()).layout()).isEqualTo(LayoutName.KAGGLE);
    assertThat(LayoutGuess.of(cache.resolve("models").toString()).layout())
        .isEqualTo(LayoutName.KAGGLE);
    assertThat(LayoutGuess.of(cache.resolve("models/google").toString()).layout())
        .isEqualTo(LayoutName.KAGGLE);
    assertThat(LayoutGuess.of(copy.toString()).layout()).isEqualTo(LayoutName.KAGGLE);
  }
}
