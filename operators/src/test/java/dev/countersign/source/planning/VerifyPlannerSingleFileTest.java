package dev.countersign.source.planning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.keys.PublicKeyFile;
import dev.countersign.oms.Serialization;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.Verdict;
import dev.countersign.source.PlanFixture;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.verification.KeyVerificationSettings;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link VerifyPlanner} on models that are one file. */
final class VerifyPlannerSingleFileTest {

  @TempDir Path folder;

  private PlanFixture fixture;

  @BeforeEach
  void makeFixture() throws IOException {
    fixture = new PlanFixture(folder);
    fixture.operation = Operation.VERIFY;
  }

  @Test
  void plan_ofASingleFileOfTheReferenceClient_takesItsDotForTheFile() throws Exception {
    Path file = Files.createDirectory(folder.resolve("reference")).resolve("model.safetensors");
    Files.copy(resource("model/model.safetensors"), file);
    Files.copy(resource("python-1.1.1/single-file.sig"), Path.of(file + ".sig"));
    trustReference();

    ModelPlan plan = fixture.plan(file);

    assertThat(PlanFixture.names(plan)).containsExactly("model.safetensors");
    assertThat(PlanFixture.differences(plan)).isEmpty();
    assertThat(changed(plan)).isEmpty();
  }

  @Test
  void plan_ofAFolderUnderASingleFilesBundle_doesNotTakeTheDotForAFileInIt() throws Exception {
    Path inside = Files.createDirectory(folder.resolve("model.safetensors"));
    Files.copy(resource("model/model.safetensors"), inside.resolve("model.safetensors"));
    Files.copy(resource("python-1.1.1/single-file.sig"), inside.resolve("model.sig"));
    trustReference();

    ModelPlan plan = fixture.plan(inside);

    assertThat(PlanFixture.differences(plan))
        .containsExactlyInAnyOrder("MISSING .", "EXTRA model.safetensors");
  }

  @Test
  void plan_ofAModelThatIsALinkToAFile_needsLinksToBeAllowed() throws Exception {
    Files.writeString(folder.resolve("step-2.bin"), "weights");
    Path link = Files.createSymbolicLink(folder.resolve("latest.bin"), Path.of("step-2.bin"));
    Serialization strict = fixture.serialization;
    fixture.serialization = strict.withAllowSymlinks(true);
    fixture.sign(link);
    ModelPlan allowed = fixture.plan(link);
    fixture.serialization = strict;
    fixture.operation = Operation.SIGN;

    Verdict refused = fixture.verdict(link);

    assertThat(PlanFixture.differences(allowed)).isEmpty();
    assertThat(PlanFixture.names(allowed)).containsExactly("latest.bin");
    assertThat(refused.getReason()).isEqualTo(FailureReason.SYMLINK_NOT_ALLOWED);
    assertThat(refused.getMessage())
        .isEqualTo(
            link
                + " cannot be signed: it is a symbolic link to step-2.bin. Allow that with"
                + " 'allow-symlinks', or name the file that it leads to.");
    fixture.operation = Operation.VERIFY;
    Files.delete(Path.of(link + ".sig"));
    Files.delete(link);
    Files.writeString(link, "weights");
    fixture.sign(link);
    Files.delete(link);
    Files.createSymbolicLink(link, Path.of("step-2.bin"));
    assertThat(PlanFixture.differences(fixture.plan(link))).containsExactly("MISSING latest.bin");
  }

  @Test
  void plan_ofARenamedSingleFile_comparesItsContent() throws Exception {
    Path file = Files.writeString(folder.resolve("old.bin"), "weights");
    fixture.sign(file);
    Path renamed = Files.move(file, folder.resolve("new.bin"));
    Files.move(Path.of(file + ".sig"), Path.of(renamed + ".sig"));

    ModelPlan same = fixture.plan(renamed);
    List<String> changedBefore = changed(same);
    Files.writeString(renamed, "tampered");
    List<String> changedAfter = changed(fixture.plan(renamed));

    assertThat(PlanFixture.names(same)).containsExactly("new.bin");
    assertThat(changedBefore).isEmpty();
    assertThat(changedAfter).containsExactly("new.bin");
  }

  private void trustReference() throws Exception {
    byte[] pem = Files.readAllBytes(resource("keys/p256.pem"));
    fixture.trusted =
        new KeyVerificationSettings(
            List.of(PublicKeyFile.pem(PublicKeyFile.read(pem, "keys/p256.pem"))));
  }

  /** Hashes the plan's units; the names of what does not hold. */
  private List<String> changed(ModelPlan plan) throws Exception {
    List<String> changed = new ArrayList<>();
    for (UnitRecord record : fixture.hash(plan)) {
      long planned = PlanFixture.counts(plan).get(2);
      assertThat(record.getCounts().getChanged()).isGreaterThanOrEqualTo(planned);
      record.getDifferences().stream()
          .filter(difference -> !difference.getActual().isEmpty())
          .forEach(difference -> changed.add(difference.getName()));
    }
    return changed;
  }

  private static Path resource(String name) throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(
                VerifyPlannerSingleFileTest.class.getResource("/bundles/" + name), name)
            .toURI());
  }
}
