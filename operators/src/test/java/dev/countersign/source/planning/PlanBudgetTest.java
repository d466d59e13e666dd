package dev.countersign.source.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.listings.SampleListings;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Serialization;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Operation;
import dev.countersign.source.PlanFixture;
import dev.countersign.source.TestFileSystem;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.pool.PlanMemoryFixture;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredObject;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.ModelTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What plans take of the memory that there is for plans. */
@Timeout(180)
final class PlanBudgetTest {

  private static final int FILES = 1_000;

  /** What one listing of them takes, roughly: more than half of this, and less than all. */
  private static final long ONE_LISTING = 400_000;

  /** The most bytes of a bundle. */
  private static final long MOST = 100 << 20;

  @TempDir Path folder;

  private PlanFixture fixture;
  private Path model;

  @BeforeEach
  void prepare() throws IOException {
    fixture = new PlanFixture(folder);
    model = Files.createDirectories(folder.resolve("models/" + TestFileSystem.TAKES_ALL_HEAP + 1));
  }

  @Test
  void plan_ofManyFiles_takesMemoryForEach() throws Exception {
    writeFiles();

    assertThat(within(ONE_LISTING)).isNotNull();
    assertLimit(ONE_LISTING / 2);
  }

  /** The JVM needs two bytes for each character of a text that is not all Latin-1. */
  @Test
  void plan_ofNamesBeyondLatin1_takesTwoBytesForEachCharacter() throws Exception {
    String name = "\u00e9".repeat(100);
    for (int i = 0; i < FILES; i++) {
      Files.createFile(model.resolve(name + i));
    }

    assertThat(within(ONE_LISTING + 60_000)).isNotNull();
    try (Stream<Path> files = Files.list(model)) {
      for (Path file : files.toList()) {
        Files.move(
            file, model.resolve("\u0101".repeat(60) + file.getFileName().toString().substring(60)));
      }
    }
    assertLimit(ONE_LISTING + 60_000);
  }

  @Test
  void plan_withListingsOfAnEarlierRun_takesMemoryForTheirDigests() throws Exception {
    writeFiles();
    fixture.incremental =
        new PlanSettings.Incremental(
            List.of(SampleListings.write(folder.resolve("listings-1.avro"))), false);

    assertLimit(ONE_LISTING);
    assertThat(within(2 * ONE_LISTING)).isNotNull();
  }

  @Test
  void read_ofABundleThatWasReplacedByALongerOne_takesMemoryForThatOne() throws Exception {
    Files.writeString(model.resolve("weights.bin"), "content");
    fixture.sign(model);
    String bundle = fixture.entry(model).bundle();
    StoredObject found = Storages.forUri(bundle).stat(bundle).orElseThrow();
    writeFiles();
    fixture.sign(model);
    long length = Files.size(Path.of(bundle));
    ModelTrust trust =
        BundleVerifier.of(fixture.trusted, fixture.bounds, fixture.clock).forModel("model");

    JudgedBundle judged =
        PlanMemoryFixture.within(
            3 * length + PlanMemoryFixture.SHARE, () -> JudgedBundle.read(found, MOST, trust));

    assertThat(judged.manifest().resources()).hasSize(FILES + 1);
    assertThatThrownBy(
            () -> PlanMemoryFixture.within(length, () -> JudgedBundle.read(found, MOST, trust)))
        .isInstanceOf(ModelFailure.class)
        .hasMessageContaining("for plans");
  }

  @Test
  void plan_ofNothingButIrregularEntries_takesMemoryForEach() throws Exception {
    for (int i = 0; i < FILES; i++) {
      Files.createSymbolicLink(model.resolve("link-" + i), Path.of("nowhere"));
    }

    assertLimit(ONE_LISTING / 2);
  }

  @Test
  void plan_ofShards_takesMemoryForEach() throws Exception {
    Files.write(model.resolve("weights.bin"), new byte[10_000]);
    fixture.serialization = Serialization.shards(HashAlgorithm.SHA256, 1);

    assertLimit(ONE_LISTING);
    fixture.sign(model);
    fixture.operation = Operation.VERIFY;
    // Three times the bundle are taken and given back before its ranges are.
    long bundle = Files.size(model.resolve("model.sig"));
    assertThat(within(4 * bundle)).isNotNull();
    assertLimit(bundle + ONE_LISTING);
  }

  @Test
  void plan_ofALargeFileUnderBlake3_takesMemoryForItsUnits() throws Exception {
    Files.write(model.resolve("weights.bin"), new byte[4_000 << 10]);
    fixture.serialization = Serialization.files(HashAlgorithm.BLAKE3);
    fixture.window = new WindowSettings(10, 1 << 20, 1, 1, 10, 1 << 20);

    assertThat(within(2 * ONE_LISTING)).isNotNull();
    assertLimit(ONE_LISTING);
  }

  /** A bundle of the run's signer that lacks a file: the model is compared, and planned then. */
  @Test
  void plan_ofAModelThatIsComparedTwice_holdsOneListingAtATime() throws Exception {
    writeFiles();
    fixture.sign(model);
    Files.writeString(model.resolve("file-new"), "new");
    fixture.operation = Operation.RESIGN;
    fixture.existing = ExistingBundle.SKIP_IF_SIGNED;
    fixture.resigning = new ResignSettings(fixture.trusted, null, null, 0, false, false);
    long bundle = Files.size(model.resolve("model.sig"));

    ModelPlan plan = within(3 * bundle + ONE_LISTING);

    assertThat(plan.units()).isNotEmpty();
    assertLimit(bundle + ONE_LISTING / 2);
  }

  @Test
  void plan_ofAModelThatTakesAllHeapOnce_isMadeAlone() throws Exception {
    Files.writeString(model.resolve("weights.bin"), "content");

    assertThat(planned(model).verdict()).isNull();
  }

  @Test
  void plan_ofAModelThatTakesAllHeapTwice_failsTheModel() throws Exception {
    Path hungry = model.resolveSibling(TestFileSystem.TAKES_ALL_HEAP + 2);
    Files.createDirectory(hungry);

    ModelPlan plan = planned(hungry);

    assertThat(plan.verdict().getReason()).isEqualTo(FailureReason.LIMIT_EXCEEDED);
    assertThat(plan.verdict().getMessage())
        .contains("need more memory than", "-Xmx in COUNTERSIGN_JAVA_OPTS");
  }

  @Test
  void plan_whileOthersHaveAllMemory_saysThatItWaitsAndIsNotGivenUp() throws Exception {
    Path small = Files.createDirectory(model.resolveSibling("small"));
    Files.writeString(small.resolve("weights.bin"), "content");
    // Loads the classes, which takes long on a busy machine.
    assertThat(fixture.plan(small).verdict()).isNull();
    Duration stallTimeout = Duration.ofSeconds(4);
    CountDownLatch released = new CountDownLatch(1);
    Future<?> others = PlanMemoryFixture.holdAll(released);
    List<String> calls = new CopyOnWriteArrayList<>();

    ModelPlan plan =
        planned(
            small,
            stallTimeout,
            () -> {
              calls.add("waits");
              released.countDown();
            },
            () -> {
              calls.add("begins");
              // The watchdog looks every second.
              LockSupport.parkNanos(stallTimeout.plusMillis(1_500).toNanos());
            });

    assertThat(others.get()).isNull();
    assertThat(plan.verdict()).isNull();
    assertThat(calls).containsExactly("waits", "begins");
  }

  private ModelPlan planned(Path planned) throws Exception {
    return planned(planned, Duration.ofMinutes(1), () -> {}, () -> {});
  }

  private ModelPlan planned(Path planned, Duration stallTimeout, Runnable waits, Runnable begins)
      throws Exception {
    TestFileSystem.register();
    String uri = TestFileSystem.uri(planned);
    CatalogEntry entry =
        CatalogEntry.builder(0, uri).name("model").bundle(folder + "/model.sig").build();
    CompletableFuture<ModelPlan> plan = new CompletableFuture<>();
    ModelPlanner planner = new ModelPlanner(fixture.settings(), fixture.window, fixture.clock);
    try (PlanningPool pool = new PlanningPool(planner, 1, stallTimeout, sent -> {})) {
      pool.plan(
          entry, EarlierWork.NONE, waits, begins, plan::complete, plan::completeExceptionally);
      return plan.get(30, TimeUnit.SECONDS);
    } finally {
      TestFileSystem.unregister();
    }
  }

  private void writeFiles() throws IOException {
    for (int i = 0; i < FILES; i++) {
      Files.createFile(model.resolve("file-" + i));
    }
  }

  private ModelPlan within(long bytes) throws ModelFailure {
    return PlanMemoryFixture.within(bytes, () -> fixture.plan(model));
  }

  private void assertLimit(long bytes) {
    assertThatThrownBy(() -> within(bytes))
        .isInstanceOf(ModelFailure.class)
        .hasMessageContaining("for plans. Give it a larger heap (-Xmx in COUNTERSIGN_JAVA_OPTS");
  }
}
