package dev.countersign.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelGlobsTest {

  @TempDir private Path folder;

  @BeforeEach
  void makeLake() throws Exception {
    for (String model :
        List.of("lake/a/v1", "lake/a/v2", "lake/b/v1", "lake/[x]", "lake/.git/v1")) {
      Files.createDirectories(folder.resolve(model));
    }
  }

  @Test
  void expand_ofGlob_namesModelsBelowItsFixedPart() throws Exception {
    assertThat(expand("lake/*/v1"))
        .containsExactly(
            new NamedModel(folder + "/lake/a/v1", "a/v1"),
            new NamedModel(folder + "/lake/b/v1", "b/v1"));
  }

  @Test
  void expand_ofPlainArguments_takesThemAsTheyAreEvenIfMissing() throws Exception {
    assertThat(expand("lake/a/v1/", "lake/../nowhere", "hdfs://nn/lake/m", "lake/a/."))
        .containsExactly(
            new NamedModel(folder + "/lake/a/v1", "v1"),
            new NamedModel(folder + "/nowhere", "nowhere"),
            new NamedModel("hdfs://nn/lake/m", "m"),
            new NamedModel(folder + "/lake/a", "a"));
  }

  @Test
  void expand_ofExistingNameWithGlobCharacters_takesItLiterally() throws Exception {
    assertThat(expand("lake/[x]")).containsExactly(new NamedModel(folder + "/lake/[x]", "[x]"));
  }

  @Test
  void expand_ofGlobThatMatchesNothing_isRefused() {
    CatalogException e = refusal("lake/*/v9");

    assertThat(e).hasMessageStartingWith("The glob lake/*/v9 matches nothing.");
  }

  @Test
  void expand_ofMalformedGlobOrEmptyArgument_isRefused() {
    assertThat(refusal("lake/**")).hasMessageContaining("**: name each folder level");
    assertThat(refusal(" ")).hasMessageContaining("A model's name is empty");
  }

  private List<NamedModel> expand(String... arguments) throws CatalogException {
    return ModelGlobs.expand(List.of(arguments), folder.toString());
  }

  private CatalogException refusal(String argument) {
    CatalogException refusal = catchThrowableOfType(CatalogException.class, () -> expand(argument));
    assertThat(refusal).as("a refusal").isNotNull();
    return refusal;
  }
}
