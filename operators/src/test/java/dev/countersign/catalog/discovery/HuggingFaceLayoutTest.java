package dev.countersign.catalog.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HuggingFaceLayoutTest {

  private static final String OLD = "0".repeat(39) + "1";
  private static final String NEW = "f".repeat(40);

  @TempDir private Path home;
  private Path hub;

  /** As huggingface_hub lays it out: two snapshots of one model, one of another, a data set. */
  @BeforeEach
  void makeCache() throws IOException {
    hub = home.resolve("hub");
    Path bert = hub.resolve("models--google--bert-base");
    snapshot(bert, OLD, "config.json", "model.safetensors");
    snapshot(bert, NEW, "config.json", "model.safetensors");
    ref(bert, "main", NEW + "\n");
    ref(bert, "v1", OLD);
    ref(bert, "pr/1", OLD);
    snapshot(hub.resolve("models--gpt2"), NEW, "config.json");
    FoundModels.files(
        hub,
        "models--gpt2/.no_exist/" + NEW + "/added_tokens.json",
        "datasets--google--data/snapshots/" + NEW + "/config.json",
        ".locks/models--gpt2/x.lock",
        "version.txt");
  }

  @Test
  void find_inACache_givesEachSnapshotWithItsRefs() throws Exception {
    FoundModels found = FoundModels.in(hub, LayoutName.HUGGINGFACE);

    assertThat(found.described(hub))
        .containsExactly(
            "/models--google--bert-base/snapshots/"
                + OLD
                + "|google/bert-base|"
                + OLD
                + "|{ref=v1 pr/1}",
            "/models--google--bert-base/snapshots/"
                + NEW
                + "|google/bert-base|"
                + NEW
                + "|{ref=main}",
            "/models--gpt2/snapshots/" + NEW + "|gpt2|" + NEW);
    assertThat(found.failures).isEmpty();
    assertThat(found.linkedFolders).isEmpty();
  }

  @Test
  void find_aboveOrInsideOfACache_givesTheSame() throws Exception {
    assertThat(FoundModels.in(home, LayoutName.HUGGINGFACE).rows).hasSize(3);
    assertThat(FoundModels.in(hub.resolve("models--gpt2"), LayoutName.HUGGINGFACE).rows)
        .singleElement()
        .satisfies(row -> assertThat(row.name()).isEqualTo("gpt2"));
    assertThat(
            FoundModels.in(
                    hub.resolve("models--google--bert-base/snapshots"), LayoutName.HUGGINGFACE)
                .rows)
        .hasSize(2);
  }

  @Test
  void find_ofSnapshotsOfLinks_saysWhereTheyLead() throws Exception {
    FoundModels found = FoundModels.in(hub, LayoutName.HUGGINGFACE);

    assertThat(found.linkedContents)
        .contains(
            hub + "/models--google--bert-base/blobs in " + hub,
            hub + "/models--gpt2/blobs in " + hub);
  }

  @Test
  void find_ofSnapshotsWhoseBlobsAreShared_saysWhereTheyLead() throws Exception {
    share(hub.resolve("models--gpt2"));

    FoundModels found = FoundModels.in(hub, LayoutName.HUGGINGFACE);

    assertThat(found.rows).hasSize(3);
    assertThat(found.linkedContents)
        .contains(hub + "/blobs in " + hub, hub + "/models--gpt2/blobs in " + hub);
    assertThat(FoundModels.in(hub.resolve("models--google--bert-base"), LayoutName.HUGGINGFACE))
        .returns(
            List.of(hub + "/models--google--bert-base/blobs in " + hub),
            bert -> List.copyOf(new LinkedHashSet<>(bert.linkedContents)));
  }

  @Test
  void find_ofSnapshotsWhoseBlobsAreBehindALink_advisesNothingAndSaysWhereItLeads()
      throws Exception {
    Path gpt = hub.resolve("models--gpt2");
    Path elsewhere = Files.move(gpt.resolve("blobs"), home.resolve("elsewhere"));
    Files.createSymbolicLink(gpt.resolve("blobs"), elsewhere);
    Files.createSymbolicLink(home.resolve("linked"), hub);

    FoundModels found = FoundModels.in(gpt, LayoutName.HUGGINGFACE);

    assertThat(found.rows).hasSize(1);
    assertThat(found.linkedContents).isEmpty();
    assertThat(found.notes)
        .containsExactly(
            gpt
                + "/blobs is a link, so files of these models lie in "
                + elsewhere.toRealPath()
                + ". Name that folder with 'symlink-root' only if all of it may count as content"
                + " of models.");
    assertThat(FoundModels.in(home.resolve("linked"), LayoutName.HUGGINGFACE).linkedContents)
        .as("a cache that is reached by a link")
        .contains(home + "/linked/models--google--bert-base/blobs in " + home + "/linked");
  }

  @Test
  void guess_ofACacheWithSharedBlobs_isHuggingFace() throws Exception {
    share(hub.resolve("models--gpt2"));

    assertThat(LayoutGuess.of(hub.toString()).layout()).isEqualTo(LayoutName.HUGGINGFACE);
    assertThat(LayoutGuess.of(home.toString()).layout()).isEqualTo(LayoutName.HUGGINGFACE);
  }

  @Test
  void find_withHostileRefs_ignoresWhatIsNoCommit() throws Exception {
    Path gpt = hub.resolve("models--gpt2");
    ref(gpt, "main", "../../../etc/passwd");
    ref(gpt, "huge", NEW);
    Path pipe = gpt.resolve("refs/pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Files.createSymbolicLink(gpt.resolve("refs/loop"), Path.of("."));

    FoundModels found = FoundModels.in(gpt, LayoutName.HUGGINGFACE);

    assertThat(found.rows)
        .singleElement()
        .satisfies(row -> assertThat(row.labels()).containsEntry("ref", "huge"));
  }

  @Test
  void find_withARefThatIsTooLong_keepsTheModelAndSaysSo() throws Exception {
    Path gpt = hub.resolve("models--gpt2");
    ref(gpt, "main", "x".repeat(300));

    FoundModels found = FoundModels.in(gpt, LayoutName.HUGGINGFACE);

    assertThat(found.rows).hasSize(1);
    assertThat(found.notes)
        .singleElement()
        .asString()
        .startsWith("The labels ref of models--gpt2 are missing: ")
        .contains("refs/main has more than 256 bytes");
  }

  @Test
  void guess_ofACache_isHuggingFace() throws Exception {
    assertThat(LayoutGuess.of(hub.toString()).layout()).isEqualTo(LayoutName.HUGGINGFACE);
    assertThat(LayoutGuess.of(home.toString()).layout()).isEqualTo(LayoutName.HUGGINGFACE);
    assertThat(LayoutGuess.of(hub.resolve("models--gpt2").toString()).layout())
        .isEqualTo(LayoutName.HUGGINGFACE);
  }

  /** Moves a repository's blobs into the shared store, as huggingface_hub does. */
  private static void share(Path repository) throws IOException {
    Path store = repository.resolveSibling("blobs");
    FoundModels.files(store, ".huggingface-shared-blobs");
    List<Path> blobs;
    try (Stream<Path> all = Files.list(repository.resolve("blobs"))) {
      blobs = all.toList();
    }
    for (Path blob : blobs) {
      String hash = "ab" + "0".repeat(62);
      Files.createDirectories(store.resolve("ab"));
      Files.move(blob, store.resolve("ab/" + hash), StandardCopyOption.REPLACE_EXISTING);
      Files.createSymbolicLink(blob, Path.of("../../blobs/ab/" + hash));
    }
  }

  private static void snapshot(Path repository, String commit, String... names) throws IOException {
    Path snapshot = Files.createDirectories(repository.resolve("snapshots/" + commit));
    for (String name : names) {
      String blob = Integer.toHexString((commit + name).hashCode());
      FoundModels.files(repository, "blobs/" + blob);
      Files.createSymbolicLink(snapshot.resolve(name), Path.of("../../blobs/" + blob));
    }
  }

  private static void ref(Path repository, String name, String commit) throws IOException {
    Path file = repository.resolve("refs/" + name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, commit);
  }
}
