package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Serialization;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import dev.countersign.source.planning.ExistingBundle;
import dev.countersign.source.units.WindowSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class CatalogPipelineITCase {

  @TempDir Path folder;

  private TestRuns runs;

  @BeforeEach
  void makeKeys() throws IOException {
    runs = new TestRuns(folder);
  }

  @Test
  void sign_thenVerify_ofManyModels_givesOneResultEach() throws Exception {
    Path[] models = {model("a", 3), model("b", 1), model("c", 40)};

    List<ModelResult> signed = runs.sign(models);
    List<ModelResult> verified = runs.verify(models);

    assertThat(signed).extracting(ModelResult::getOutcome).containsOnly(Outcome.SIGNED).hasSize(3);
    assertThat(verified)
        .extracting(ModelResult::getOutcome)
        .containsOnly(Outcome.VERIFIED)
        .hasSize(3);
    assertThat(verified)
        .extracting(ModelResult::getRootDigest)
        .isEqualTo(signed.stream().map(ModelResult::getRootDigest).toList());
    assertThat(signed.get(2).getFiles()).isEqualTo(40);
    assertThat(folder.resolve("run-1.json")).content().contains("\"SIGNED\" : 3");
  }

  @Test
  void sign_inReactiveMode_endsWithOneRecordOfTheRun() throws Exception {
    Path[] models = {model("a", 3), model("b", 1), model("c", 40)};
    runs.slots = 4;
    runs.configuration.setString("scheduler-mode", "reactive");
    runs.configuration.setString("restart-strategy.type", "fixed-delay");
    runs.configuration.setString("restart-strategy.fixed-delay.attempts", "2");
    runs.configuration.setString(
        "jobmanager.adaptive-scheduler.resource-stabilization-timeout", "0s");

    List<ModelResult> signed = runs.sign(models);

    assertThat(signed).extracting(ModelResult::getOutcome).containsOnly(Outcome.SIGNED).hasSize(3);
    assertThat(folder.resolve("run-1.json")).content().contains("\"SIGNED\" : 3");
  }

  @Test
  void verify_ofATamperedModel_namesEveryDifferenceAndSparesTheRest() throws Exception {
    Path good = model("good", 2);
    Path bad = model("bad", 3);
    runs.sign(good, bad);
    Files.writeString(bad.resolve("file-0"), "other", StandardOpenOption.TRUNCATE_EXISTING);
    Files.delete(bad.resolve("file-1"));
    Files.writeString(bad.resolve("new"), "new");

    List<ModelResult> results = runs.verify(good, bad);

    assertThat(results.get(0).getOutcome()).isEqualTo(Outcome.VERIFIED);
    ModelResult failed = results.get(1);
    assertThat(failed.getReason()).isEqualTo(FailureReason.CONTENT_MISMATCH);
    assertThat(failed.getDifferences())
        .extracting(difference -> difference.getKind() + " " + difference.getName())
        .containsExactly(
            DifferenceKind.MISSING + " file-1",
            DifferenceKind.EXTRA + " new",
            DifferenceKind.CHANGED + " file-0");
    assertThat(failed.getDifferences().get(2).getActual()).hasSize(64);
    assertThat(failed.getMessage()).contains("1 changed, 1 missing, 1 extra");
  }

  @Test
  void sign_asShardsOfAnyHash_verifiesAndGivesTheSameDigest() throws Exception {
    Path model = folder.resolve("sharded");
    Files.createDirectories(model.resolve("nested"));
    byte[] large = new byte[10_000_000];
    new Random(7).nextBytes(large);
    Files.write(model.resolve("nested/weights"), large);
    Files.createFile(model.resolve("empty"));
    for (HashAlgorithm hash : HashAlgorithm.values()) {
      runs.serialization = Serialization.shards(hash, 3_000_000);

      List<ModelResult> signed = runs.sign(model);
      List<ModelResult> digested = runs.digest(model);
      List<ModelResult> verified = runs.verify(model);

      assertThat(signed.get(0).getOutcome()).isEqualTo(Outcome.SIGNED);
      assertThat(verified.get(0).getOutcome()).isEqualTo(Outcome.VERIFIED);
      assertThat(verified.get(0).getShardSize()).isEqualTo(3_000_000);
      assertThat(digested.get(0).getRootDigest()).isEqualTo(signed.get(0).getRootDigest());
    }
  }

  @Test
  void sign_withOneAndFourSlots_givesTheSamePayloads() throws Exception {
    Path model = model("model", 200);
    runs.window = new WindowSettings(10, 1 << 20, 2, 512, 7, 4096);

    runs.slots = 1;
    String one = runs.sign(model).get(0).getRootDigest();
    String payload = TestRuns.payload(model.resolve("model.sig"));
    Files.delete(model.resolve("model.sig"));
    runs.slots = 4;
    String four = runs.sign(model).get(0).getRootDigest();

    assertThat(four).isEqualTo(one);
    assertThat(TestRuns.payload(model.resolve("model.sig"))).isEqualTo(payload);
  }

  @Test
  void sign_ofBrokenModelsAmongGoodOnes_failsThemAlone() throws Exception {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Path linked = model("linked", 1);
    Files.createSymbolicLink(linked.resolve("link"), Path.of("file-0"));
    Path good = model("good", 1);

    List<ModelResult> results = runs.sign(empty, folder.resolve("absent"), linked, good);

    assertThat(results)
        .extracting(ModelResult::getReason)
        .containsExactly(
            FailureReason.EMPTY_MODEL,
            FailureReason.MODEL_NOT_FOUND,
            FailureReason.SYMLINK_NOT_ALLOWED,
            FailureReason.NONE);
    assertThat(results.get(2).getMessage()).contains("link").contains("--allow-symlinks");
    assertThat(results.get(3).getOutcome()).isEqualTo(Outcome.SIGNED);
  }

  @Test
  void sign_ofASignedModel_refusesOrSkipsAsTold() throws Exception {
    Path model = model("model", 2);
    ModelResult signed = runs.sign(model).get(0);

    runs.existing = ExistingBundle.REFUSE;
    ModelResult refused = runs.sign(model).get(0);
    runs.existing = ExistingBundle.SKIP_IF_SIGNED;
    ModelResult skipped = runs.sign(model).get(0);
    Files.writeString(model.resolve("file-1"), "later");
    ModelResult again = runs.sign(model).get(0);

    assertThat(refused.getReason()).isEqualTo(FailureReason.BUNDLE_EXISTS);
    assertThat(skipped.getOutcome()).isEqualTo(Outcome.SKIPPED);
    assertThat(skipped.getBundleSha256()).isEqualTo(signed.getBundleSha256());
    assertThat(again.getOutcome()).isEqualTo(Outcome.SIGNED);
    assertThat(again.getRootDigest()).isNotEqualTo(signed.getRootDigest());
  }

  @Test
  void verify_ofABundleThatIsDamaged_failsWithItsOwnReason() throws Exception {
    Path unsigned = model("unsigned", 1);
    Path garbage = model("garbage", 1);
    Path other = model("other", 1);
    runs.sign(garbage, other);
    Files.writeString(garbage.resolve("model.sig"), "no JSON");
    new TestRuns(Files.createDirectory(folder.resolve("stranger"))).sign(other);

    List<ModelResult> results = runs.verify(unsigned, garbage, other);

    assertThat(results)
        .extracting(ModelResult::getReason)
        .containsExactly(
            FailureReason.UNSIGNED, FailureReason.MALFORMED_BUNDLE, FailureReason.UNTRUSTED_SIGNER);
    assertThat(results.get(1).getMessage()).contains("model.sig");
  }

  private Path model(String name, int files) throws IOException {
    Path model = Files.createDirectories(folder.resolve("models").resolve(name));
    for (int i = 0; i < files; i++) {
      Files.writeString(model.resolve("file-" + i), name + " content " + i);
    }
    return model;
  }
}
