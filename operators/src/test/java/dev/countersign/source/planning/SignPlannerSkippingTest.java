package dev.countersign.source.planning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.Sha256;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.Verdict;
import dev.countersign.source.PlanFixture;
import dev.countersign.source.TestFileSystem;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.units.ModelPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link SignPlanner} under {@link ExistingBundle#SKIP_IF_SIGNED}. */
final class SignPlannerSkippingTest {

  @TempDir Path folder;

  private PlanFixture fixture;
  private Path model;

  @BeforeEach
  void makeModel() throws IOException {
    fixture = new PlanFixture(folder);
    model = Files.createDirectories(folder.resolve("models/m"));
    Files.writeString(model.resolve("a"), "content of a");
    Files.writeString(model.resolve("b"), "content of b!");
  }

  @Test
  void plan_ofASignedModel_isSkippedWithoutReading() throws Exception {
    setModified(Instant.parse("2024-01-01T00:00:00Z"), "a", "b");
    fixture.sign(model);
    setModified(Instant.now().plusSeconds(1), "model.sig");
    fixture.existing = ExistingBundle.SKIP_IF_SIGNED;

    ModelPlan plan = fixture.plan(model);

    assertThat(plan.verdict().getOutcome()).isEqualTo(Outcome.SKIPPED);
    assertThat(plan.verdict().getReason()).isEqualTo(FailureReason.NONE);
    assertThat(plan.units()).isEmpty();
    assertThat(plan.header().getRootDigest()).hasSize(64);
    assertThat(plan.header().getSignatureMethod()).isEqualTo("key");
    assertThat(plan.header().getBundleSha256())
        .isEqualTo(Sha256.hex(Files.readAllBytes(model.resolve("model.sig"))));
  }

  @Test
  void plan_ofASignedModelThatMayHaveChanged_signsAgain() throws Exception {
    Instant before = Instant.parse("2024-01-01T00:00:00Z");
    setModified(before, "a", "b");
    fixture.sign(model);
    fixture.existing = ExistingBundle.SKIP_IF_SIGNED;
    Instant signed = Instant.parse("2024-01-02T00:00:00Z");
    setModified(signed, "model.sig");

    boolean unchanged = isSkippedElsewhere();
    setModified(signed.plusMillis(1), "b");
    boolean newer = isSkippedElsewhere();
    setModified(signed, "b");
    boolean ofTheSameInstant = isSkippedElsewhere();
    Files.delete(model.resolve("b"));
    boolean fewer = isSkippedElsewhere();
    Files.writeString(model.resolve("b"), "content of b!");
    Files.writeString(model.resolve("c"), "content of c!");
    setModified(before, "b", "c");
    boolean more = isSkippedElsewhere();

    assertThat(unchanged).isTrue();
    assertThat(newer).isFalse();
    assertThat(ofTheSameInstant).isFalse();
    assertThat(fewer).isFalse();
    assertThat(more).isFalse();
  }

  @Test
  void plan_ofAModelThatAnotherSigned_signsIt() throws Exception {
    setModified(Instant.parse("2024-01-01T00:00:00Z"), "a", "b");
    new PlanFixture(Files.createDirectory(folder.resolve("stranger"))).sign(model);
    fixture.existing = ExistingBundle.SKIP_IF_SIGNED;

    ModelPlan ofAnother = fixture.plan(model);
    Files.writeString(model.resolve("model.sig"), "no bundle at all");
    ModelPlan ofNobody = fixture.plan(model);

    assertThat(ofAnother.verdict()).isNull();
    assertThat(ofNobody.verdict()).isNull();
  }

  @Test
  void plan_ofSignedShards_isSkippedThoughEmptyFilesAreNotListed() throws Exception {
    fixture.serialization = Serialization.shards(HashAlgorithm.SHA256, 5);
    Files.createFile(model.resolve("empty"));
    setModified(Instant.parse("2024-01-01T00:00:00Z"), "a", "b", "empty");
    fixture.sign(model);
    setModified(Instant.now().plusSeconds(1), "model.sig");
    fixture.existing = ExistingBundle.SKIP_IF_SIGNED;

    assertThat(fixture.verdict(model).getOutcome()).isEqualTo(Outcome.SKIPPED);
  }

  @Test
  void plan_ofASignedModelThatMayHaveBeenBegunBefore_isHashed() throws Exception {
    setModified(Instant.parse("2024-01-01T00:00:00Z"), "a", "b");
    fixture.sign(model);
    setModified(Instant.now().plusSeconds(3_600), "model.sig");
    fixture.existing = ExistingBundle.SKIP_IF_SIGNED;

    assertThat(fixture.plan(model, EarlierWork.NONE).verdict().getOutcome())
        .isEqualTo(Outcome.SKIPPED);
    assertThat(PlanFixture.names(fixture.plan(model, EarlierWork.POSSIBLE)))
        .containsExactly("a", "b");
  }

  /** Plans the model on a store that knows no time but that of the last write. */
  private boolean isSkippedElsewhere() throws Exception {
    TestFileSystem.register();
    try {
      ModelPlan plan =
          new ModelPlanner(fixture.settings(), fixture.window, Clock.systemUTC())
              .plan(
                  CatalogEntry.builder(0, TestFileSystem.uri(model))
                      .name("m")
                      .bundle(TestFileSystem.uri(model.resolve("model.sig")))
                      .build(),
                  EarlierWork.NONE);
      Verdict verdict = plan.verdict();
      return verdict != null && verdict.getOutcome() == Outcome.SKIPPED;
    } finally {
      TestFileSystem.unregister();
    }
  }

  private void setModified(Instant time, String... names) throws IOException {
    for (String name : names) {
      Files.setLastModifiedTime(model.resolve(name), FileTime.from(time));
    }
  }
}
