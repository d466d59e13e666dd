package dev.countersign.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BundleTemplateTest {

  @Test
  void resolve_ofTheDefault_isInsideDirectoriesAndBesideFiles() throws Exception {
    BundleTemplate standard = BundleTemplate.standard();

    assertThat(standard.dependsOnKind()).isTrue();
    assertThat(standard.resolve("/lake/m", true, "m", "")).isEqualTo("/lake/m/model.sig");
    assertThat(standard.resolve("/lake/m.bin", false, "m", "")).isEqualTo("/lake/m.bin.sig");
  }

  @ParameterizedTest
  @CsvSource({
    "{model}.sig, hdfs://nn/lake/m.sig",
    "{model}/sub/x.sig, hdfs://nn/lake/m/sub/x.sig",
    "/sigs/{name}-{version}.sig, /sigs/a/m-1.0.sig",
    "s3a://sigs/{name}/{version}/{version}.sig, s3a://sigs/a/m/1.0/1.0.sig",
    "sigs/{name}.sig, /base/sigs/a/m.sig",
    "/fixed.sig, /fixed.sig",
  })
  void resolve_putsInWhatTheModelHas(String template, String bundle) throws Exception {
    BundleTemplate parsed = BundleTemplate.parse(template, "/base");

    assertThat(parsed.dependsOnKind()).isFalse();
    assertThat(parsed.resolve("hdfs://nn/lake/m", true, "a/m", "1.0")).isEqualTo(bundle);
  }

  @Test
  void resolve_ofLabelThatLooksLikeAPlaceholder_leavesItAlone() throws Exception {
    BundleTemplate template = BundleTemplate.parse("/sigs/{name}.sig");

    assertThat(template.resolve("/m", true, "{version}$1\\", "9"))
        .isEqualTo("/sigs/{version}$1\\.sig");
  }

  @Test
  void parse_ofUnknownPlaceholder_namesTheKnownOnes() {
    CatalogException e =
        catchThrowableOfType(
            CatalogException.class, () -> BundleTemplate.parse("{model}/{naem}.sig"));

    assertThat(e)
        .hasMessage(
            "The bundle template {model}/{naem}.sig has the placeholder {naem}. Known are {model},"
                + " {name} and {version}.");
  }

  @Test
  void parse_ofAPlaceholderInTheHost_isRefused() {
    CatalogException e =
        catchThrowableOfType(
            CatalogException.class, () -> BundleTemplate.parse("webhdfs://{name}:9870/x.sig"));

    assertThat(e)
        .hasMessage(
            "The bundle template webhdfs://{name}:9870/x.sig has a placeholder in its host, which"
                + " no model's name may choose. Put placeholders behind the host.");
  }

  @Test
  void parse_ofRelativeTemplateWithoutAPlace_isRefused() {
    CatalogException e =
        catchThrowableOfType(CatalogException.class, () -> BundleTemplate.parse("sigs/{name}"));

    assertThat(e).hasMessageContaining("sigs/{name} is relative");
  }

  @ParameterizedTest
  @CsvSource({"../m", "a/../../m", "/etc/m", "a//m", "."})
  void resolve_ofLabelThatLeavesItsFolder_isRefused(String name) throws Exception {
    BundleTemplate template = BundleTemplate.parse("/sigs/{name}.sig");

    CatalogException e =
        catchThrowableOfType(
            CatalogException.class, () -> template.resolve("/lake/m", true, name, ""));

    assertThat(e).hasMessageContaining("The name " + name + " of the model /lake/m is not a path");
  }

  @Test
  void resolve_withoutTheVersionThatIsAskedFor_isRefused() throws Exception {
    BundleTemplate template = BundleTemplate.parse("/sigs/{version}.sig");

    CatalogException e =
        catchThrowableOfType(
            CatalogException.class, () -> template.resolve("/lake/m", true, "m", ""));

    assertThat(e).hasMessageContaining("asks for {version}, and the model /lake/m has none");
  }

  @Test
  void folder_isWhatTheTemplateNamesWithoutLabels() throws Exception {
    assertThat(BundleTemplate.standard().folder()).isEmpty();
    assertThat(BundleTemplate.parse("{model}/{name}.sig").folder()).isEmpty();
    assertThat(BundleTemplate.parse("/sigs/a-{name}.sig").folder()).hasValue("/sigs");
    assertThat(BundleTemplate.parse("/sigs/{model}.sig").folder()).hasValue("/sigs");
    assertThat(BundleTemplate.parse("/{name}.sig").folder()).hasValue("/");
    assertThat(BundleTemplate.parse("/sigs/x.sig").folder()).hasValue("/sigs");
    assertThat(BundleTemplate.parse("sigs/{name}/x", "/home").folder()).hasValue("/home/sigs");
    assertThat(BundleTemplate.parse("hdfs://nn/{name}.sig").folder()).hasValue("hdfs://nn");
  }
}
