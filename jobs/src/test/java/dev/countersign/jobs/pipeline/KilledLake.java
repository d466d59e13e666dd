package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.oms.OmsBounds;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.BundleVerifiers;
import dev.countersign.verification.KeyVerificationSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Many tiny models, what an undisturbed run makes of them, and the comparison with what a run made
 * that was killed.
 */
final class KilledLake {

  private final List<Path> models = new ArrayList<>();
  private final Map<String, String> payloads = new HashMap<>();
  private final Map<String, String> digests = new HashMap<>();
  private final BundleVerifier verifier;
  private final Path lake;

  /** Makes {@code count} models below {@code folder} and signs them undisturbed. */
  KilledLake(Path folder, int count, TestRuns runs) throws Exception {
    lake = folder.resolve("lake");
    Random random = new Random(count);
    byte[] content = new byte[1 << 10];
    for (int i = 0; i < count; i++) {
      Path model = Files.createDirectories(lake.resolve("model-" + i));
      for (int file = 0; file < 2; file++) {
        random.nextBytes(content);
        Files.write(model.resolve(file + FaultyFileSystem.SLOW), content);
      }
      models.add(model);
    }
    verifier =
        BundleVerifiers.of(
            new KeyVerificationSettings(List.of(runs.publicKeyPem())),
            OmsBounds.defaults(),
            Clock.systemUTC());
    for (ModelResult result : runs.run(Operation.SIGN, plainEntries(runs))) {
      assertThat(result.getOutcome()).isEqualTo(Outcome.SIGNED);
      digests.put(result.getName(), result.getRootDigest());
    }
    for (Path model : models) {
      payloads.put(model.toString(), TestRuns.payload(TestRuns.bundleBeside(model)));
    }
    assertThat(digests).hasSize(count);
    forgetBundles();
  }

  /** The models as they lie on disk. */
  List<CatalogEntry> plainEntries(TestRuns runs) {
    return runs.plainEntries(models.toArray(Path[]::new));
  }

  /** The models, slow to read. */
  List<CatalogEntry> slowEntries(TestRuns runs) {
    return runs.faultyEntries(models.toArray(Path[]::new));
  }

  /** Where the models lie. */
  Path folder() {
    return lake;
  }

  /** How many bundles lie there. */
  int bundles() throws IOException {
    int count = 0;
    for (Path model : models) {
      count += Files.exists(TestRuns.bundleBeside(model)) ? 1 : 0;
    }
    return count;
  }

  /** Deletes all bundles, so that nothing can be taken for new. */
  void forgetBundles() throws IOException {
    for (Path model : models) {
      Files.deleteIfExists(TestRuns.bundleBeside(model));
    }
  }

  /**
   * Demands what an undisturbed run leaves: one committed result for each model, the same root
   * digests, a bundle of the same payload that verifies, a record of the run that has counted all,
   * and nothing half-written.
   */
  void demandWhole(Path results, Path runRecord) throws Exception {
    List<ModelResult> records = TestRuns.read(results);
    assertThat(records).as("one result for each model").hasSize(models.size());
    Map<String, String> found = new HashMap<>();
    for (ModelResult result : records) {
      assertThat(result.getOutcome()).as(result.toString()).isEqualTo(Outcome.SIGNED);
      found.put(result.getName(), result.getRootDigest());
    }
    assertThat(found).isEqualTo(digests);
    for (Path model : models) {
      Path bundle = TestRuns.bundleBeside(model);
      var unused = verifier.verify(Files.readAllBytes(bundle));
      assertThat(TestRuns.payload(bundle)).isEqualTo(payloads.get(model.toString()));
    }
    assertThat(Files.readString(runRecord))
        .contains("\"models\" : " + models.size() + ",", "\"SIGNED\" : " + models.size());
    try (Stream<Path> all = Files.walk(lake)) {
      assertThat(all.filter(path -> path.getFileName().toString().contains("countersign-tmp")))
          .as("half-written bundles")
          .isEmpty();
    }
  }
}
