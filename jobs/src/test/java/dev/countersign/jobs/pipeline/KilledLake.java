package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.Sha256;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.verification.BundleVerifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Many tiny models, what undisturbed runs make of them, and the comparison with what a run made
 * that was killed. They are signed, or signed again with another key.
 */
final class KilledLake {

  /**
   * What an undisturbed run leaves.
   *
   * @param digests root digests by the model's name
   * @param payloads what the bundle of each model signs
   */
  private record Wanted(Map<String, String> digests, Map<Path, String> payloads) {}

  private final List<Path> models = new ArrayList<>();
  private final Map<Path, byte[]> oldBundles = new HashMap<>();
  private final Map<Operation, Wanted> wanted = new EnumMap<>(Operation.class);
  private final TestRuns runs;
  private final BundleVerifier verifier;
  private final Path lake;
  private final Path kept;
  private final String oldSigner;
  private final String signer;

  /**
   * Makes {@code count} models below {@code folder}, signs them undisturbed with the key of {@code
   * old}, and signs them with that of {@code runs} undisturbed: anew and again.
   */
  KilledLake(Path folder, int count, TestRuns runs, TestRuns old) throws Exception {
    this.runs = runs;
    lake = folder.resolve("lake");
    kept = folder.resolve("kept");
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
    verifier = BundleVerifier.of(runs.ownTrust(), OmsBounds.defaults(), Clock.systemUTC());
    runs.previous = old.ownTrust();
    runs.keepPrevious = kept.toString();
    oldSigner = old.run(Operation.SIGN, plainEntries()).get(0).getSigner();
    for (Path model : models) {
      oldBundles.put(model, Files.readAllBytes(TestRuns.bundleBeside(model)));
    }
    signer = signUndisturbed(Operation.SIGN).get(0).getSigner();
    for (ModelResult result : signUndisturbed(Operation.RESIGN)) {
      assertThat(result.getPreviousSigner()).isEqualTo(oldSigner);
    }
    requireKept();
  }

  private List<ModelResult> signUndisturbed(Operation operation) throws Exception {
    begin(operation);
    List<ModelResult> results = runs.run(operation, plainEntries());
    Map<String, String> digests = new HashMap<>();
    for (ModelResult result : results) {
      assertThat(result.getOutcome()).as(result.toString()).isEqualTo(Outcome.SIGNED);
      digests.put(result.getName(), result.getRootDigest());
    }
    Map<Path, String> payloads = new HashMap<>();
    for (Path model : models) {
      payloads.put(model, TestRuns.payload(TestRuns.bundleBeside(model)));
    }
    assertThat(digests).hasSize(models.size());
    wanted.put(operation, new Wanted(digests, payloads));
    return results;
  }

  /** The models, slow to read. */
  List<CatalogEntry> slowEntries() {
    return runs.faultyEntries(models.toArray(Path[]::new));
  }

  private List<CatalogEntry> plainEntries() {
    return runs.plainEntries(models.toArray(Path[]::new));
  }

  /** Where the models lie. */
  Path folder() {
    return lake;
  }

  /** Where bundles are kept that are replaced. */
  Path kept() {
    return kept;
  }

  /** How many bundles have been written since {@link #begin}. */
  int written() throws IOException {
    Instant old = Instant.now().minus(Duration.ofHours(12));
    int count = 0;
    for (Path model : models) {
      Path bundle = TestRuns.bundleBeside(model);
      // It may be replaced between the two questions, but is never gone.
      if (Files.exists(bundle) && Files.getLastModifiedTime(bundle).toInstant().isAfter(old)) {
        count++;
      }
    }
    return count;
  }

  /**
   * Makes the lake as it is before a run: without bundles for signing, with those of the old key, a
   * day old, for signing again; no bundle is kept.
   */
  void begin(Operation operation) throws IOException {
    for (Path file : filesIn(kept)) {
      Files.delete(file);
    }
    FileTime yesterday = FileTime.from(Instant.now().minus(Duration.ofDays(1)));
    for (Path model : models) {
      Path bundle = TestRuns.bundleBeside(model);
      Files.deleteIfExists(bundle);
      if (operation == Operation.RESIGN) {
        Files.write(bundle, oldBundles.get(model));
        Files.setLastModifiedTime(bundle, yesterday);
      }
    }
  }

  /**
   * Requires what an undisturbed run leaves: one committed result for each model, the same root
   * digests, a bundle of the same payload that verifies, a record of the run that has counted all,
   * the bundles that were replaced, and nothing half-written.
   */
  void requireWhole(Operation operation, Path results, Path runRecord) throws Exception {
    List<ModelResult> records = TestRuns.read(results);
    assertThat(records).as("one result for each model").hasSize(models.size());
    Map<String, String> found = new HashMap<>();
    for (ModelResult result : records) {
      assertThat(result.getOutcome()).as(result.toString()).isEqualTo(Outcome.SIGNED);
      assertThat(result.getSigner()).isEqualTo(signer);
      assertThat(result.getPreviousSigner())
          .isEqualTo(operation == Operation.RESIGN ? oldSigner : "");
      found.put(result.getName(), result.getRootDigest());
    }
    assertThat(found).isEqualTo(wanted.get(operation).digests());
    for (Path model : models) {
      Path bundle = TestRuns.bundleBeside(model);
      var unused = verifier.verify(Files.readAllBytes(bundle));
      assertThat(TestRuns.payload(bundle)).isEqualTo(wanted.get(operation).payloads().get(model));
    }
    assertThat(Files.readString(runRecord))
        .contains("\"models\" : " + models.size() + ",", "\"SIGNED\" : " + models.size());
    assertThat(filesIn(lake))
        .as("the models' files and bundles, and nothing half-written")
        .hasSize(3 * models.size());
    if (operation == Operation.RESIGN) {
      requireKept();
    } else {
      assertThat(filesIn(kept)).isEmpty();
    }
  }

  /** Requires each old bundle, as it was, and nothing else. */
  private void requireKept() throws IOException {
    for (byte[] bundle : oldBundles.values()) {
      assertThat(kept.resolve(Sha256.hex(bundle) + ".sig")).hasBinaryContent(bundle);
    }
    assertThat(filesIn(kept)).as("bundles kept").hasSize(oldBundles.size());
  }

  private static List<Path> filesIn(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }
}
