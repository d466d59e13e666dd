package dev.countersign.source.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.oms.Digest;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.Sha256;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.source.PlanFixture;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.storage.ReplacedNames;
import dev.countersign.storage.Storages;
import dev.countersign.storage.TemporaryNames;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What counts as a change between a plan and the end of reading, and what does not. */
final class ListingCheckTest {

  @TempDir Path folder;

  private PlanFixture fixture;
  private Path model;

  @BeforeEach
  void makeModel() throws Exception {
    fixture = new PlanFixture(folder);
    model = Files.createDirectories(folder.resolve("lake/m"));
    Files.writeString(model.resolve("a"), "content");
    Files.createDirectory(model.resolve("sub"));
    Files.writeString(model.resolve("sub/b"), "content");
  }

  @Test
  void check_ofAModelThatGetsItsBundle_passes() throws Exception {
    ModelHeader header = planned();

    Files.writeString(model.resolve("model.sig"), "a bundle");
    Files.writeString(model.resolve(TemporaryNames.next()), "another");

    assertUnchanged(header);
  }

  /** Names of temporary files and copies, but of folders and links, which nobody here makes. */
  @Test
  void check_ofFoldersAndLinksThatAreNamedLikeTemporaryFiles_passes() throws Exception {
    for (String name :
        List.of(
            TemporaryNames.next(), Storages.baseName(ReplacedNames.uri("/m/model.sig", "run-1")))) {
      Path odd = Files.createDirectory(model.resolve(name));
      Files.writeString(odd.resolve("c"), "content");
      Files.createSymbolicLink(model.resolve("sub").resolve(name), Path.of("b"));
    }
    fixture.serialization = fixture.serialization.withAllowSymlinks(true);

    assertUnchanged(planned());

    fixture.ignoreUnsigned = true;
    signedWith(List.of(), "a", "sub/b");
    assertUnchanged(planned());
  }

  @Test
  void check_ofAFileRewrittenWithTheSameLengthAndTime_isChanged() throws Exception {
    FileTime before = Files.getLastModifiedTime(model.resolve("a"));
    ModelHeader header = planned();

    Files.writeString(model.resolve("a"), "CONTENT");
    Files.setLastModifiedTime(model.resolve("a"), before);

    assertChanged(header);
  }

  @Test
  void check_ofAFileAddedOrRemoved_isChanged() throws Exception {
    ModelHeader header = planned();

    Path added = Files.writeString(model.resolve("sub/c"), "");
    assertChanged(header);
    Files.delete(added);
    assertUnchanged(header);
    Files.delete(model.resolve("a"));
    assertChanged(header);
  }

  @Test
  void check_ofALinkAdded_isChanged() throws Exception {
    ModelHeader header = planned();

    Files.createSymbolicLink(model.resolve("sub/link"), Path.of("b"));

    assertChanged(header);
  }

  @Test
  void check_ofAModelThatIsGone_isChanged() throws Exception {
    ModelHeader header = planned();

    Files.move(model, folder.resolve("moved"));

    assertChanged(header);
  }

  @Test
  void check_ofAModelReplacedByACopy_isChanged() throws Exception {
    ModelHeader header = planned();

    Files.move(model, folder.resolve("moved"));
    Files.createDirectories(model.resolve("sub"));
    Files.copy(folder.resolve("moved/a"), model.resolve("a"));
    Files.copy(folder.resolve("moved/sub/b"), model.resolve("sub/b"));

    assertChanged(header);
  }

  @Test
  void check_ofAModelThatOutgrewItsLimits_isChanged() throws Exception {
    fixture.maxFiles = 2;
    ModelHeader header = planned();

    Files.writeString(model.resolve("c"), "one too many");

    assertChanged(header);
  }

  @Test
  void check_ofWhatTheCallerIgnores_passes() throws Exception {
    fixture.ignorePaths = List.of(model + "/logs");
    ModelHeader header = planned();

    Files.createDirectory(model.resolve("logs"));
    Files.writeString(model.resolve("logs/1"), "log");

    assertUnchanged(header);
  }

  @Test
  void check_ofWhatTheStatementIgnores_passesExceptForWhatItLists() throws Exception {
    Files.createDirectory(model.resolve(".git"));
    Files.writeString(model.resolve(".git/HEAD"), "content");
    signedWith(List.of(".git"), "a", "sub/b", ".git/HEAD");
    ModelHeader header = planned();

    Files.writeString(model.resolve(".git/index"), "ignored");
    assertUnchanged(header);
    Files.writeString(model.resolve(".git/HEAD"), "CONTENT");
    assertChanged(header);
  }

  @Test
  void check_whereUnsignedFilesAreIgnored_seesChangesOfSignedFilesAlone() throws Exception {
    Files.createDirectories(model.resolve(".cache/huggingface"));
    Files.writeString(model.resolve(".cache/huggingface/a.lock"), "");
    Files.createDirectory(model.resolve(TemporaryNames.next()));
    Files.createSymbolicLink(model.resolve("link"), Path.of("a"));
    signedWith(List.of("model.sig"), "a", "sub/b");
    fixture.ignoreUnsigned = true;
    ModelHeader header = planned();

    Files.writeString(model.resolve(".cache/huggingface/a.lock"), "held");
    Files.writeString(model.resolve(".cache/huggingface/b.lock"), "held");
    Files.writeString(model.resolve("sub/log"), "a line");
    Files.delete(model.resolve("link"));
    assertUnchanged(header);
    Path moved = Files.move(model.resolve("sub"), model.resolve("moved"));
    assertChanged(header);
    Files.move(moved, model.resolve("sub"));
    assertUnchanged(header);
    Files.writeString(model.resolve("sub/b"), "CONTENT");
    assertChanged(header);
  }

  @Test
  void check_underAHugeListOfIgnoredPaths_knowsThoseThatTheModelHad() throws Exception {
    List<String> paths = new ArrayList<>(List.of("logs"));
    for (int i = 0; i < 1_000; i++) {
      paths.add("ignored-" + i);
    }
    Files.createDirectory(model.resolve("logs"));
    signedWith(paths, "a", "sub/b");
    ModelHeader header = planned();

    Files.writeString(model.resolve("logs/1"), "ignored");
    assertUnchanged(header);
    Files.writeString(model.resolve("ignored-7"), "ignored, but nobody can tell any more");
    assertChanged(header);
  }

  @Test
  void check_ofASingleFile_seesThatItIsReplaced() throws Exception {
    Path file = model.resolve("a");
    ModelHeader header = fixture.plan(file).units().get(0).getHeader();

    Files.writeString(Path.of(file + ".sig"), "a bundle");
    assertUnchanged(header);
    Files.delete(file);
    Files.writeString(file, "content");
    assertChanged(header);
  }

  /** Nothing says then that the model is what was planned. */
  @Test
  void check_ofAModelWhoseListingIsNotNoted_failsAsAFaultOfOurs() throws Exception {
    ModelHeader header = planned();
    header.setListing(null);

    assertThatThrownBy(() -> ListingCheck.requireUnchanged(header))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void plan_ofManyUnits_notesTheListingOnTheFirstAlone() throws Exception {
    fixture.window = new WindowSettings(10, 1 << 20, 2, 1, 1, 1 << 20);

    ModelPlan plan = fixture.plan(model);

    assertThat(plan.units()).hasSize(2);
    assertThat(plan.units().get(0).getHeader().getListing()).isNotNull();
    assertThat(plan.units().get(1).getHeader().getListing()).isNull();
  }

  private ModelHeader planned() throws Exception {
    return fixture.plan(model).units().get(0).getHeader();
  }

  /** Signs files that hold "content", and plans to verify them. */
  private void signedWith(List<String> ignorePaths, String... files) throws Exception {
    Digest digest = Digest.of(Sha256.digest("content".getBytes(StandardCharsets.UTF_8)));
    fixture.sign(
        model,
        Manifest.sorted(
            "m",
            Serialization.files(HashAlgorithm.SHA256).withIgnorePaths(ignorePaths),
            Arrays.stream(files).map(file -> Resource.whole(file, digest)).toList()));
    fixture.operation = Operation.VERIFY;
  }

  private void assertUnchanged(ModelHeader header) {
    assertThatCode(() -> ListingCheck.requireUnchanged(header)).doesNotThrowAnyException();
  }

  private void assertChanged(ModelHeader header) {
    ModelFailure failure =
        catchThrowableOfType(ModelFailure.class, () -> ListingCheck.requireUnchanged(header));
    assertThat(failure).as("a change").isNotNull();
    assertThat(failure.reason()).isEqualTo(FailureReason.CHANGED_WHILE_READ);
    assertThat(failure)
        .hasMessage(
            header.getModel()
                + " is not what it was when it was listed: a file was written to, added or removed"
                + " while the rest was read. Run again when nothing writes to the model.");
  }
}
