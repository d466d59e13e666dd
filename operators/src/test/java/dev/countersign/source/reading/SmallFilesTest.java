package dev.countersign.source.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.hashing.KernelChoice;
import dev.countersign.metrics.ReaderMetrics;
import dev.countersign.metrics.RequestMetrics;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Serialization;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.RangeDigest;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.PlanFixture;
import dev.countersign.source.TestFileSystem;
import dev.countersign.source.planning.ModelPlanner;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.pool.ReadRate;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.ModelSplit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Units in remote stores, whose small files are read side by side. */
@Timeout(120)
final class SmallFilesTest {

  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SHORT = Duration.ofSeconds(2);
  private static final int DEPTH = 16;
  private static final int BUFFER = 1 << 16;

  @TempDir Path folder;

  private final Counter bytes = new ThreadSafeSimpleCounter();
  private final Counter files = new ThreadSafeSimpleCounter();
  private final BlockingQueue<UnitPool.UnitOutcome> outcomes = new LinkedBlockingQueue<>();
  private final List<HashingPool> open = new ArrayList<>();
  private PlanFixture fixture;
  private Path model;

  @BeforeEach
  void register() throws IOException {
    TestFileSystem.register();
    fixture = new PlanFixture(folder);
    model = Files.createDirectory(folder.resolve("model"));
  }

  @AfterEach
  void closeAndUnregister() {
    open.forEach(HashingPool::close);
    TestFileSystem.unregister();
  }

  @Test
  void submit_of64SmallFiles_readsThemInFourRoundsOf16() throws Exception {
    write(64, 100);
    AtomicInteger rounds = new AtomicInteger();
    CyclicBarrier all = new CyclicBarrier(DEPTH, rounds::incrementAndGet);
    TestFileSystem.whenOpening(name -> all.await());

    UnitRecord record = hash(pool(2, LONG), remote()).get(0);

    assertThat(rounds).hasValue(4);
    assertThat(TestFileSystem.mostOpen()).isEqualTo(DEPTH);
    assertThat(digests(List.of(record))).isEqualTo(digests(fixture.hash(fixture.plan(model))));
    assertThat(bytes.getCount()).isEqualTo(6_400);
    assertThat(files.getCount()).isEqualTo(64);
  }

  @Test
  void submit_ofAUnitThatFailedBefore_readsOneFileAfterTheOther() throws Exception {
    write(64, 100);
    ModelPlan plan = remote();
    plan.units().get(0).setRetries(1);

    List<UnitRecord> records = hash(pool(2, LONG), plan);

    assertThat(TestFileSystem.mostOpen()).isEqualTo(1);
    assertThat(digests(records)).isEqualTo(digests(fixture.hash(fixture.plan(model))));
  }

  @Test
  void submit_ofUnitsOfFourFiles_readsThoseOfFourUnitsAtOnce() throws Exception {
    write(4, 100);
    CyclicBarrier all = new CyclicBarrier(DEPTH);
    TestFileSystem.whenOpening(name -> all.await());
    HashingPool pool = pool(2, LONG);

    for (int unit = 0; unit < 4; unit++) {
      remote().units().forEach(work -> pool.submit(new ModelSplit(work)));
    }

    for (int unit = 0; unit < 4; unit++) {
      assertThat(next()).isInstanceOf(UnitPool.UnitOutcome.Done.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sha256", "blake2b", "blake3"})
  void submit_ofFilesOfAllLengths_findsWhatAUnitOnALocalDiskDoes(String algorithm)
      throws Exception {
    HashAlgorithm hash = HashAlgorithm.named(algorithm).orElseThrow();
    writeLengths();
    for (Serialization serialization :
        List.of(Serialization.files(hash), Serialization.shards(hash, 1 << 20))) {
      fixture.serialization = serialization;

      List<UnitRecord> records = hash(pool(2, LONG), remote());

      assertThat(digests(records)).isEqualTo(digests(fixture.hash(fixture.plan(model))));
    }
  }

  @Test
  void submit_toVerify_listsTheDifferencesInTheOrderOfTheFiles() throws Exception {
    write(64, 100);
    fixture.sign(model);
    fixture.operation = Operation.VERIFY;
    for (int i = 10; i < 50; i += 10) {
      Files.writeString(model.resolve("file" + i), "changed");
    }

    List<UnitRecord> records = hash(pool(2, LONG), remote());

    List<UnitRecord> local = fixture.hash(fixture.plan(model));
    assertThat(differences(records)).isEqualTo(differences(local)).hasSize(4);
    assertThat(records.get(0).getCounts()).isEqualTo(local.get(0).getCounts());
  }

  @Test
  void submit_ofGitLfsPointers_namesAllOfThem() throws Exception {
    write(20, 100);
    String pointer =
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0a".repeat(32) + "\nsize 7\n";
    Files.writeString(model.resolve("file11"), pointer);
    Files.writeString(model.resolve("file7"), pointer);

    HashingPool pool = pool(2, LONG);
    pool.submit(new ModelSplit(remote().units().get(0)));

    assertThat(next())
        .isInstanceOfSatisfying(
            UnitPool.UnitOutcome.Broken.class,
            broken -> assertThat(broken.failure()).hasMessageContainingAll("file11", "and 1 more"));
  }

  @Test
  void submit_withSeveralFilesThatCannotBeRead_reportsTheFirst() throws Exception {
    write(20, 100);
    WorkUnit unit = remote().units().get(0);
    String early = unit.getRanges().get(2).getName();
    String late = unit.getRanges().get(9).getName();
    CountDownLatch lateFailed = new CountDownLatch(1);
    TestFileSystem.whenOpening(
        name -> {
          if (name.equals(late)) {
            lateFailed.countDown();
            throw new IOException("late");
          } else if (name.equals(early)) {
            lateFailed.await();
            throw new IOException("early");
          }
        });

    pool(2, LONG).submit(new ModelSplit(unit));

    assertThat(next())
        .isInstanceOfSatisfying(
            UnitPool.UnitOutcome.Broken.class,
            broken -> assertThat(broken.failure()).hasMessageContainingAll(early, ": early."));
  }

  @Test
  void submit_ofAFileThatStalls_failsItsUnitAlone() throws Exception {
    write(20, 100);
    HashingPool pool = watchedPool();

    pool.submit(new ModelSplit(remote(stalling(1)).units().get(0)));
    pool.submit(new ModelSplit(remote().units().get(0)));

    List<UnitPool.UnitOutcome> both = List.of(next(), next());
    assertThat(both).hasAtLeastOneElementOfType(UnitPool.UnitOutcome.Done.class);
    assertThat(both)
        .filteredOn(UnitPool.UnitOutcome.Broken.class::isInstance)
        .singleElement()
        .isInstanceOfSatisfying(
            UnitPool.UnitOutcome.Broken.class,
            broken -> assertThat(broken.failure().reason()).isEqualTo(FailureReason.STALLED));
  }

  @Test
  void submit_afterAsManyStallsAsThereAreThreads_readsOn() throws Exception {
    write(DEPTH, 100);
    HashingPool pool = watchedPool();
    pool.submit(new ModelSplit(remote(stalling(2 * DEPTH)).units().get(0)));
    TestFileSystem.awaitStall();

    pool.submit(new ModelSplit(remote().units().get(0)));

    assertThat(List.of(next(), next()))
        .hasAtLeastOneElementOfType(UnitPool.UnitOutcome.Broken.class)
        .hasAtLeastOneElementOfType(UnitPool.UnitOutcome.Done.class);
  }

  @Test
  void submit_ofFilesAsLongAsABuffer_readsNoMoreAtOnceThanLanesHaveBuffers() throws Exception {
    write(64, BUFFER);
    // Two can be open, so that a lane's worth of memory is used, and never more.
    CyclicBarrier pair = new CyclicBarrier(2);
    TestFileSystem.whenOpening(name -> pair.await());

    List<UnitRecord> records = hash(pool(1, LONG), remote());

    assertThat(records).hasSize(1);
    assertThat(TestFileSystem.mostOpen()).isEqualTo(2);
  }

  @Test
  void submit_afterLargeFiles_takesTheMemoryOfIdleLanes() throws Exception {
    write(DEPTH, BUFFER / DEPTH);
    HashingPool pool = pool(1, LONG);
    Path large = Files.createDirectory(folder.resolve("large"));
    Files.write(large.resolve("weights"), new byte[5 << 20]);
    hash(pool, remote(large));
    CyclicBarrier all = new CyclicBarrier(DEPTH);
    TestFileSystem.whenOpening(name -> all.await());

    assertThat(hash(pool, remote())).hasSize(1);
    TestFileSystem.whenOpening(name -> {});
    assertThat(hash(pool, remote(large))).hasSize(1);
  }

  @Test
  void cancel_ofAUnitWithOneFileUnderWay_opensNoOther() throws Exception {
    write(64, 100);
    CountDownLatch cancelled = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(DEPTH);
    Set<String> opened = ConcurrentHashMap.newKeySet();
    TestFileSystem.whenOpening(
        name -> {
          opened.add(name);
          begun.countDown();
          cancelled.await();
        });
    HashingPool pool = pool(2, LONG);
    WorkUnit unit = remote().units().get(0);
    pool.submit(new ModelSplit(unit));
    begun.await();

    pool.cancel(0, unit.getHeader().getAttempt());
    cancelled.countDown();

    assertThat(next()).isInstanceOf(UnitPool.UnitOutcome.Cancelled.class);
    assertThat(opened).hasSize(DEPTH);
    assertThat(outcomes).isEmpty();
  }

  private void write(int count, int length) throws IOException {
    for (int i = 0; i < count; i++) {
      Files.write(model.resolve("file" + i), content(i, length));
    }
  }

  private Path stalling(int count) throws IOException {
    Path folder = Files.createDirectory(this.folder.resolve("stalling"));
    for (int i = 0; i < count; i++) {
      Files.writeString(folder.resolve(TestFileSystem.STALLS + i), "7 bytes");
    }
    return folder;
  }

  /** Files without bytes, of one buffer, of several, and those that are read ahead. */
  private void writeLengths() throws IOException {
    int[] lengths = {
      0, 1, BUFFER - 1, BUFFER, BUFFER + 1, 1 << 20, (4 << 20) - 1, 4 << 20, 5 << 20
    };
    for (int i = 0; i < lengths.length; i++) {
      Files.write(model.resolve("length" + i), content(i, lengths[i]));
    }
  }

  private static byte[] content(int seed, int length) {
    byte[] content = new byte[length];
    for (int i = 0; i < length; i++) {
      content[i] = (byte) (seed + i * 31 + (i >> 8));
    }
    return content;
  }

  /** A pool that gives up soon. Another one reads the model before, which loads the classes. */
  private HashingPool watchedPool() throws Exception {
    assertThat(hash(pool(2, LONG), remote())).isNotEmpty();
    return pool(2, SHORT);
  }

  private HashingPool pool(int lanes, Duration stall) {
    HashingPool pool =
        new HashingPool(
            new ReadSettings(lanes, DEPTH, BUFFER, stall, false, KernelChoice.JDK)
                .with(new RangeSettings(BUFFER, 3)),
            100,
            ReadRate.unlimited(),
            new ReaderMetrics(
                bytes,
                files,
                new SimpleCounter(),
                new SimpleCounter(),
                new SimpleCounter(),
                new RequestMetrics(new UnregisteredMetricsGroup())),
            outcomes::add);
    open.add(pool);
    return pool;
  }

  private ModelPlan remote() throws Exception {
    return remote(model);
  }

  private ModelPlan remote(Path path) throws Exception {
    String uri = TestFileSystem.uri(path);
    CatalogEntry entry =
        CatalogEntry.builder(0, uri)
            .name(path.getFileName().toString())
            .bundle(uri + "/model.sig")
            .build();
    return new ModelPlanner(fixture.settings(), fixture.window, fixture.clock)
        .plan(entry, EarlierWork.NONE);
  }

  private List<UnitRecord> hash(HashingPool pool, ModelPlan plan) throws Exception {
    List<UnitRecord> records = new ArrayList<>();
    for (WorkUnit unit : plan.units()) {
      pool.submit(new ModelSplit(unit));
      UnitPool.UnitOutcome outcome = next();
      assertThat(outcome).isInstanceOf(UnitPool.UnitOutcome.Done.class);
      records.add(((UnitPool.UnitOutcome.Done) outcome).record());
    }
    return records;
  }

  private UnitPool.UnitOutcome next() throws InterruptedException {
    return Objects.requireNonNull(outcomes.poll(45, TimeUnit.SECONDS), "no outcome came");
  }

  private static List<RangeDigest> digests(List<UnitRecord> records) {
    return records.stream().flatMap(record -> record.getDigests().stream()).toList();
  }

  private static List<Difference> differences(List<UnitRecord> records) {
    return records.stream().flatMap(record -> record.getDifferences().stream()).toList();
  }
}
