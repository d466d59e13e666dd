package dev.countersign.catalog.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.catalog.CatalogRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The walk, by markers and by depth, over trees as people and attackers make them. */
final class ModelDiscoveryTest {

  @TempDir private Path lake;

  @Test
  void markers_ofFolders_areModelsInCodePointOrder() throws Exception {
    FoundModels.files(
        lake,
        "b/config.json",
        "a/x/weights.safetensors",
        "a.b/m.gguf",
        "\uFF5E/m.onnx",
        "\uD83D\uDE00/m.onnx",
        "notes/readme.txt",
        "deep/er/and/er/MLmodel");

    FoundModels found = FoundModels.in(lake, LayoutName.MARKERS);

    assertThat(found.described(lake))
        .containsExactly(
            "/a/x|a/x|",
            "/a.b|a.b|",
            "/b|b|",
            "/deep/er/and/er|deep/er/and/er|",
            "/\uFF5E|\uFF5E|",
            "/\uD83D\uDE00|\uD83D\uDE00|");
    assertThat(found.rows)
        .allSatisfy(row -> assertThat(row.labels()).containsEntry("layout", "markers"));
    assertThat(found.failures).isEmpty();
  }

  @Test
  void markers_inAModel_giveTheOuterOneAlone() throws Exception {
    FoundModels.files(lake, "pipe/model_index.json", "pipe/unet/config.json", "pipe/a/b/c.onnx");

    FoundModels quiet = FoundModels.in(lake, LayoutName.MARKERS);
    FoundModels verbose =
        FoundModels.in(
            lake.toString(),
            new DiscoverySettings(
                LayoutName.MARKERS, 1, DiscoverySettings.DEFAULT_MARKERS, 100, true));

    assertThat(quiet.described(lake)).containsExactly("/pipe|pipe|");
    assertThat(quiet.nested).isEmpty();
    assertThat(quiet.entered).doesNotContain(lake + "/pipe/unet");
    assertThat(verbose.described(lake)).containsExactly("/pipe|pipe|");
    assertThat(verbose.nested)
        .containsExactly(
            lake + "/pipe/a/b in " + lake + "/pipe", lake + "/pipe/unet in " + lake + "/pipe");
  }

  @Test
  void markers_ofTheRootItself_makeItTheOnlyModel() throws Exception {
    Path model = Files.createDirectory(lake.resolve("model"));
    FoundModels.files(model, "config.json", "part/x.onnx");

    FoundModels found = FoundModels.in(model, LayoutName.MARKERS);

    assertThat(found.rows).extracting(CatalogRow::name).containsExactly("model");
  }

  @Test
  void markers_ofTheUsers_takeThePlaceOfTheDefaults() throws Exception {
    FoundModels.files(lake, "a/config.json", "b/weights.npz", "c/.weights.npz", "d/weights.npz/x");

    FoundModels found =
        FoundModels.in(
            lake.toString(),
            new DiscoverySettings(LayoutName.MARKERS, 1, List.of("*.npz"), 100, false));

    assertThat(found.described(lake)).containsExactly("/b|b|");
    assertThatThrownBy(
            () ->
                ModelDiscovery.of(
                    lake.toString(),
                    new DiscoverySettings(LayoutName.MARKERS, 1, List.of("a/b"), 100, false)))
        .hasMessageContaining("The pattern a/b is not a single name.");
  }

  @Test
  void depth_ofFolders_givesThoseAtThatLevelWithoutLookingIntoThem() throws Exception {
    FoundModels.files(lake, "g/m1/config.json", "g/m2/sub/x", "h/m3/x", "file", "h/file");
    Files.createDirectories(lake.resolve(".git/objects"));
    Files.createDirectories(lake.resolve("h/.trash"));

    FoundModels found = FoundModels.in(lake.toString(), FoundModels.settings(LayoutName.DEPTH, 2));

    assertThat(found.described(lake)).containsExactly("/g/m1|g/m1|", "/g/m2|g/m2|", "/h/m3|h/m3|");
  }

  @Test
  void versions_ofFolders_areLabelsAndNotNames() throws Exception {
    FoundModels.files(lake, "org/model/v1/x", "org/model/v2/x", "org/other/1.0/x", "org/loose");

    FoundModels three =
        FoundModels.in(lake.toString(), FoundModels.settings(LayoutName.VERSIONS, 3));
    FoundModels one =
        FoundModels.in(lake + "/org/model", FoundModels.settings(LayoutName.VERSIONS, 1));

    assertThat(three.described(lake))
        .containsExactly(
            "/org/model/v1|org/model|v1",
            "/org/model/v2|org/model|v2",
            "/org/other/1.0|org/other|1.0");
    assertThat(one.described(lake))
        .containsExactly("/org/model/v1|model|v1", "/org/model/v2|model|v2");
  }

  @Test
  void walk_ofLinksToFolders_followsNoneAndSaysWhich() throws Exception {
    FoundModels.files(lake, "a/config.json", "b/sub/x.onnx");
    Files.createSymbolicLink(lake.resolve("latest"), Path.of("a"));
    Files.createSymbolicLink(lake.resolve("b/loop"), lake);
    Files.createSymbolicLink(lake.resolve("b/broken"), Path.of("nowhere"));

    FoundModels found = FoundModels.in(lake, LayoutName.MARKERS);

    assertThat(found.described(lake)).containsExactly("/a|a|", "/b/sub|b/sub|");
    assertThat(found.linkedFolders).containsExactly(lake + "/latest", lake + "/b/loop");
    assertThat(found.failures).isEmpty();
  }

  @Test
  void walk_ofLinkedMarkers_takesThemForFiles() throws Exception {
    FoundModels.files(lake, "blobs/abc");
    Files.createDirectories(lake.resolve("m"));
    Files.createSymbolicLink(lake.resolve("m/config.json"), lake.resolve("blobs/abc"));

    FoundModels found = FoundModels.in(lake, LayoutName.MARKERS);

    assertThat(found.described(lake)).containsExactly("/m|m|");
  }

  @Test
  void walk_ofPipesNamedLikeMarkers_opensNoneAndTakesThemForNothing() throws Exception {
    Files.createDirectories(lake.resolve("m"));
    run("mkfifo", lake.resolve("m/config.json").toString());
    run("mkfifo", lake.resolve("x.onnx").toString());

    FoundModels found = FoundModels.in(lake, LayoutName.MARKERS);

    assertThat(found.rows).isEmpty();
    assertThat(found.failures).isEmpty();
  }

  @Test
  void walk_ofHostileNames_givesThemAsTheyAre() throws Exception {
    FoundModels.files(
        lake, "new\nline/config.json", "q\"uote,d/m.onnx", "\u001b[2J/m.onnx", "=1+1/m.onnx");

    FoundModels found = FoundModels.in(lake, LayoutName.MARKERS);

    assertThat(found.rows)
        .extracting(CatalogRow::name)
        .containsExactly("\u001b[2J", "=1+1", "new\nline", "q\"uote,d");
  }

  @Test
  void walk_ofNamesThatAreNoUtf8_reportsFoldersOutsideOfModels() throws Exception {
    FoundModels.files(lake, "m/config.json");
    run("sh", "-c", "cd '" + lake + "' && mkdir -p \"$(printf 'bad\\377name/x')\"");
    run("sh", "-c", "cd '" + lake + "/m' && mkdir \"$(printf 'part\\377')\"");
    run("sh", "-c", "cd '" + lake + "' && printf x > \"$(printf 'file\\377')\"");

    FoundModels found = FoundModels.in(lake, LayoutName.MARKERS);

    assertThat(found.described(lake)).containsExactly("/m|m|");
    assertThat(found.failures)
        .containsExactly(
            "bad\\xFFname in "
                + lake
                + " has a name that is not valid UTF-8, so no catalog can name it. Rename it.");
  }

  @Test
  void walk_deeperThanAllowed_saysWhereItEnded() throws Exception {
    FoundModels.files(lake, "a/b/c/config.json", "x/config.json");

    FoundModels found =
        FoundModels.in(
            lake.toString(),
            new DiscoverySettings(
                LayoutName.MARKERS, 1, DiscoverySettings.DEFAULT_MARKERS, 2, false));

    assertThat(found.described(lake)).containsExactly("/x|x|");
    assertThat(found.failures)
        .containsExactly(
            lake
                + "/a/b has folders deeper than 2 levels, which were not looked at. Raise"
                + " 'max-depth'.");
  }

  @Test
  void walk_ofATreeAsDeepAsPathsGo_ends() throws Exception {
    Path deep = lake;
    for (int i = 0; i < 300; i++) {
      deep = deep.resolve("d" + i);
    }
    FoundModels.files(deep, "config.json");

    FoundModels found =
        FoundModels.in(
            lake.toString(),
            new DiscoverySettings(
                LayoutName.MARKERS, 1, DiscoverySettings.DEFAULT_MARKERS, 1000, false));

    assertThat(found.rows).extracting(CatalogRow::model).containsExactly(deep.toString());
  }

  @Test
  void walk_whoseListenerFails_ends() throws Exception {
    FoundModels.files(lake, "a/config.json", "b/config.json");
    FoundModels found = new FoundModels();
    DiscoveryListener full =
        new DiscoveryListener() {
          @Override
          public void entering(String uri) {
            found.entering(uri);
          }

          @Override
          public void model(CatalogRow row) throws IOException {
            throw new IOException("full");
          }

          @Override
          public void failed(String message) {}

          @Override
          public void note(String message) {}

          @Override
          public void nested(String uri, String outer) {}

          @Override
          public void linkedFolder(String uri) {}

          @Override
          public void linkedContent(String folder, String cache) {}
        };

    assertThatThrownBy(
            () ->
                ModelDiscovery.of(lake.toString(), FoundModels.settings(LayoutName.MARKERS, 1))
                    .run(full))
        .hasMessage("full");
    assertThat(found.entered).containsExactly(lake.toString(), lake + "/a");
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }
}
