package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.outcome.FailureLimit;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a run does about faults that may pass, and about those that stay. */
@Timeout(300)
final class RetriedFaultsITCase {

  @TempDir Path folder;

  private TestRuns runs;

  @BeforeEach
  void makeKeys() throws IOException {
    runs = new TestRuns(folder);
  }

  @Test
  void sign_ofPlacesThatFailTwice_succeedsAtTheThirdAttempt() throws Exception {
    Path read = model("read", "weights" + FaultyFileSystem.FLAKY);
    Path listed = model("listed" + FaultyFileSystem.FLAKY_PLACE, "weights");
    Path written = model("written", "weights");
    Path good = model("good", "weights");
    List<CatalogEntry> entries = new ArrayList<>(runs.faultyEntries(read, listed, written, good));
    Path bundle = folder.resolve("bundles" + FaultyFileSystem.FLAKY_PLACE + "/written.sig");
    entries.set(
        2,
        CatalogEntry.builder(2, entries.get(2).model())
            .name("written")
            .bundle(FaultyFileSystem.uri(bundle))
            .build());

    List<ModelResult> results = runs.run(Operation.SIGN, entries);

    assertThat(results)
        .extracting(ModelResult::getOutcome)
        .as(results::toString)
        .containsOnly(Outcome.SIGNED);
    assertThat(results).extracting(ModelResult::getAttempt).containsExactly(3, 3, 3, 1);
    assertThat(results).extracting(ModelResult::getMessage).containsOnly("");
    assertThat(FaultyFileSystem.opens(read.resolve("weights" + FaultyFileSystem.FLAKY)))
        .isEqualTo(3);
    assertThat(bundle).isNotEmptyFile();
    assertThat(results.get(0).getRootDigest()).isEqualTo(runs.digest(read).get(0).getRootDigest());
  }

  @Test
  void sign_ofFilesThatStayUnreadable_failsAfterAsManyTriesAsMayHelp() throws Exception {
    Path unreachable = model("unreachable", "weights" + FaultyFileSystem.UNREACHABLE);
    Path forbidden = model("forbidden", "weights" + FaultyFileSystem.FORBIDDEN);
    Path good = model("good", "weights");

    List<ModelResult> results =
        runs.run(Operation.SIGN, runs.faultyEntries(unreachable, forbidden, good));

    assertThat(results)
        .extracting(ModelResult::getReason)
        .containsExactly(
            FailureReason.UNREADABLE, FailureReason.PERMISSION_DENIED, FailureReason.NONE);
    assertThat(results).extracting(ModelResult::getAttempt).containsExactly(4, 1, 1);
    assertThat(results.get(0).getMessage())
        .contains("refuses connections")
        .endsWith(" Tried 4 times.");
    assertThat(results.get(1).getMessage()).doesNotContain("Tried");
    assertThat(
            FaultyFileSystem.opens(unreachable.resolve("weights" + FaultyFileSystem.UNREACHABLE)))
        .isEqualTo(4);
    assertThat(FaultyFileSystem.opens(forbidden.resolve("weights" + FaultyFileSystem.FORBIDDEN)))
        .isEqualTo(1);
  }

  @Test
  void sign_ofFilesWhoseReadingEndsInErrors_failsTheirModelsAlone() throws Exception {
    Path hungry = model("hungry", "weights" + FaultyFileSystem.HUNGRY);
    Path unlinked = model("unlinked", "weights" + FaultyFileSystem.UNLINKED);
    Path good = model("good", "weights");
    List<CatalogEntry> entries = new ArrayList<>(runs.faultyEntries(hungry, unlinked, good));
    entries.add(
        CatalogEntry.builder(3, "nowhere://here/model")
            .name("scheme")
            .bundle(folder + "/scheme.sig")
            .build());
    entries.add(
        CatalogEntry.builder(4, good.toString())
            .name("bundle")
            .bundle("nowhere://here/bundle.sig")
            .build());

    List<ModelResult> results = runs.run(Operation.SIGN, entries);

    assertThat(results)
        .extracting(ModelResult::getReason)
        .containsExactly(
            FailureReason.LIMIT_EXCEEDED,
            FailureReason.INTERNAL_ERROR,
            FailureReason.NONE,
            FailureReason.UNREADABLE,
            FailureReason.UNREADABLE);
    assertThat(results.get(1).getMessage()).contains("NoClassDefFoundError");
    assertThat(results.get(3).getMessage()).contains("nowhere");
    assertThat(results.get(4).getMessage()).contains("nowhere");
  }

  @Test
  void sign_whileARetryWaits_doesTheOthersMeanwhile() throws Exception {
    runs.faults =
        new FaultSettings(1, Duration.ofSeconds(15), Duration.ofSeconds(15), FailureLimit.NONE);
    Path[] models = new Path[40];
    for (int i = 0; i < models.length; i++) {
      models[i] = model("m" + i, i < 20 ? "weights" + FaultyFileSystem.UNREACHABLE : "weights");
    }

    List<ModelResult> results = runs.run(Operation.SIGN, runs.faultyEntries(models));

    Duration good = Duration.between(results.get(20).getStarted(), results.get(39).getFinished());
    Duration retried = Duration.between(results.get(0).getStarted(), results.get(0).getFinished());
    assertThat(results.subList(20, 40))
        .extracting(ModelResult::getOutcome)
        .containsOnly(Outcome.SIGNED);
    assertThat(retried).isBetween(Duration.ofMillis(7_500), Duration.ofMinutes(2));
    assertThat(good).isLessThan(retried);
  }

  private Path model(String name, String file) throws IOException {
    Path model = Files.createDirectories(folder.resolve("models").resolve(name));
    Files.writeString(model.resolve(file), "weights of " + name);
    return model;
  }
}
