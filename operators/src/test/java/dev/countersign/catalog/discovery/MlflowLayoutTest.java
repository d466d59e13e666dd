package dev.countersign.catalog.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MlflowLayoutTest {

  private static final String RUN = "0123456789abcdef0123456789abcdef";
  private static final String OTHER_RUN = "f".repeat(32);
  private static final String LOGGED = "m-" + "a".repeat(32);

  @TempDir private Path project;

  @Test
  void find_inAFileStore_namesRegisteredVersionsAndRuns() throws Exception {
    Path runs = project.resolve("mlruns");
    FoundModels.files(
        runs,
        "0/meta.yaml",
        "0/" + RUN + "/meta.yaml",
        "0/" + RUN + "/artifacts/model/MLmodel",
        "0/" + RUN + "/artifacts/model/data/MLmodel",
        "0/" + OTHER_RUN + "/artifacts/sk/model/MLmodel",
        ".trash/1/" + RUN + "/artifacts/model/MLmodel");
    version(runs, "churn", "2", "source: /home/ana/mlruns/0/" + RUN + "/artifacts/model");
    version(runs, "churn", "10", "source: file:///elsewhere/0/" + RUN + "/artifacts/model/");
    version(runs, "zoo", "1", "source: runs:/" + RUN + "/model");

    FoundModels inside = FoundModels.in(runs, LayoutName.MLFLOW);
    FoundModels above = FoundModels.in(project, LayoutName.MLFLOW);

    assertThat(inside.described(runs))
        .containsExactly(
            "/0/" + RUN + "/artifacts/model|churn|10|{run_id=" + RUN + "}",
            "/0/"
                + OTHER_RUN
                + "/artifacts/sk/model|0/"
                + OTHER_RUN
                + "/artifacts/sk/model||{run_id="
                + OTHER_RUN
                + "}");
    assertThat(above.rows).hasSize(2);
    assertThat(above.rows.get(0).name()).isEqualTo("churn");
    assertThat(inside.failures).isEmpty();
  }

  @Test
  void find_ofLoggedModels_knowsTheirIds() throws Exception {
    Path runs = project.resolve("mlruns");
    FoundModels.files(
        runs,
        "7/meta.yaml",
        "7/models/" + LOGGED + "/artifacts/MLmodel",
        "7/models/" + LOGGED + "/meta.yaml");
    version(runs, "fraud", "1", "source: models:/" + LOGGED + "\nstorage_location: null");

    FoundModels found = FoundModels.in(runs, LayoutName.MLFLOW);

    assertThat(found.described(runs))
        .containsExactly("/7/models/" + LOGGED + "/artifacts|fraud|1|{model_id=" + LOGGED + "}");
  }

  @Test
  void find_inArtifactsOfAServerAndInCopies_namesWhatThePathSays() throws Exception {
    FoundModels.files(
        project,
        "mlartifacts/3/" + RUN + "/artifacts/model/MLmodel",
        "models/churn/version-4/MLmodel");

    FoundModels found = FoundModels.in(project, LayoutName.MLFLOW);

    assertThat(found.described(project))
        .containsExactly(
            "/mlartifacts/3/"
                + RUN
                + "/artifacts/model|mlartifacts/3/"
                + RUN
                + "/artifacts/model||{run_id="
                + RUN
                + "}",
            "/models/churn/version-4|churn|4");
  }

  @Test
  void find_withAHostileRegistry_leadsNowhereElse() throws Exception {
    Path runs = project.resolve("mlruns");
    FoundModels.files(runs, "0/meta.yaml", "0/" + RUN + "/artifacts/model/MLmodel");
    FoundModels.files(project, "secret/MLmodel");
    version(runs, "a", "1", "source: " + project + "/secret");
    version(runs, "b", "1", "source: !!python/object/apply:os.system ['true']");
    version(runs, "c", "1", "source: '../../secret'");
    version(runs, "d", "1", "x".repeat(300_000));

    FoundModels found = FoundModels.in(runs, LayoutName.MLFLOW);

    assertThat(found.described(runs))
        .containsExactly(
            "/0/" + RUN + "/artifacts/model|0/" + RUN + "/artifacts/model||{run_id=" + RUN + "}");
    assertThat(found.failures)
        .singleElement()
        .asString()
        .contains("/mlruns/models/d/version-1/meta.yaml has more than 262144 bytes");
  }

  @Test
  void guess_ofStores_isMlflow() throws Exception {
    FoundModels.files(project, "a/mlruns/0/meta.yaml", "b/0/meta.yaml");
    version(project.resolve("c"), "churn", "1", "source: x");

    assertThat(LayoutGuess.of(project + "/a").layout()).isEqualTo(LayoutName.MLFLOW);
    assertThat(LayoutGuess.of(project + "/a/mlruns").layout()).isEqualTo(LayoutName.MLFLOW);
    assertThat(LayoutGuess.of(project + "/b").layout()).isEqualTo(LayoutName.MLFLOW);
    assertThat(LayoutGuess.of(project + "/c").layout()).isEqualTo(LayoutName.MLFLOW);
    assertThat(LayoutGuess.of(project.toString()).signs()).isEmpty();
  }

  @Test
  void texts_ofMetadata_areThoseThatMlflowWrites() {
    String yaml =
        """
        aliases: []
        creation_timestamp: 1700000000000
        description: 'it''s: here'
        empty: ''
        folded: /a path/with
          a blank
        name: churn
        nothing: null
        quoted: "x y"
        source: /a/b
        escaped: "a\\u00e9b"
        """;

    assertThat(MlflowRegistry.texts(yaml.getBytes(UTF_8)))
        .containsOnly(
            entry("description", "it's: here"),
            entry("empty", ""),
            entry("folded", "/a path/with a blank"),
            entry("name", "churn"),
            entry("quoted", "x y"),
            entry("source", "/a/b"),
            entry("escaped", "a\u00e9b"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "text",
        "- source: /a/b",
        "source: /a/b\nsource: /c/d",
        "source: /a/b\nname: !!python/object/apply:os.system ['true']",
        "source: &a /a/b\nname: *a",
        "source: /a/b\n---\nsource: /c/d",
        "source: '/a/b",
      })
  void texts_ofAnythingElse_areNone(String yaml) {
    assertThat(MlflowRegistry.texts(yaml.getBytes(UTF_8))).isEmpty();
  }

  @Test
  void texts_ofDeepNesting_areNone() {
    assertThat(MlflowRegistry.texts(("source: " + "[".repeat(100_000)).getBytes(UTF_8))).isEmpty();
  }

  private static void version(Path store, String name, String version, String meta)
      throws IOException {
    Path folder = store.resolve("models/" + name + "/version-" + version);
    Files.createDirectories(folder);
    Files.writeString(store.resolve("models/" + name + "/meta.yaml"), "name: " + name + "\n");
    Files.writeString(
        folder.resolve("meta.yaml"),
        "aliases: []\nname: " + name + "\n" + meta + "\nversion: " + version + "\n");
  }
}
