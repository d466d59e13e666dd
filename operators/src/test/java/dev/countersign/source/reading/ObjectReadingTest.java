package dev.countersign.source.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.hashing.KernelChoice;
import dev.countersign.metrics.ReaderMetrics;
import dev.countersign.metrics.RequestMetrics;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Serialization;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.RangeDigest;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.PlanFixture;
import dev.countersign.source.planning.ModelPlanner;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.pool.ReadRate;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.objects.FakeBucket;
import dev.countersign.storage.objects.FakeStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Units in an object store, whose files are read by requests for ranges. */
@Timeout(120)
final class ObjectReadingTest {

  private static final int RANGE = 64 << 10;
  private static final int LARGE = 5 << 20;
  private static final Duration LONG = Duration.ofMinutes(5);

  @TempDir Path folder;

  private final String name = "object-reading-" + System.nanoTime();
  private final FakeBucket bucket = FakeStore.bucket(name);
  private final String uri = FakeStore.SCHEME + "://" + name + "/model";
  private final BlockingQueue<UnitPool.UnitOutcome> outcomes = new LinkedBlockingQueue<>();
  private final List<HashingPool> open = new ArrayList<>();
  private PlanFixture fixture;
  private Path model;

  @BeforeEach
  void makeModel() throws IOException {
    fixture = new PlanFixture(folder);
    model = Files.createDirectory(folder.resolve("model"));
  }

  @AfterEach
  void close() {
    open.forEach(HashingPool::close);
    bucket.hook(request -> {});
  }

  @ParameterizedTest
  @CsvSource({"sha256, false", "sha256, true", "blake2b, false", "blake3, false", "blake3, true"})
  void submit_ofFilesOfAllLengths_findsWhatALocalDiskDoesAndReadsEachByteOnce(
      String algorithm, boolean shards) throws Exception {
    HashAlgorithm hash = HashAlgorithm.named(algorithm).orElseThrow();
    fixture.serialization =
        shards ? Serialization.shards(hash, 1 << 20) : Serialization.files(hash);
    int[] lengths = {0, 1, RANGE - 1, RANGE, RANGE + 1, 1 << 20, (4 << 20) - 1, LARGE, LARGE + 1};
    for (int i = 0; i < lengths.length; i++) {
      write("length" + i, lengths[i]);
    }
    ModelPlan plan = plan();
    bucket.takeLog();

    List<UnitRecord> records = hash(pool(2, RANGE, 3, LONG), plan);

    assertThat(digests(records)).isEqualTo(digests(fixture.hash(fixture.plan(model))));
    List<String> log = bucket.takeLog();
    assertThat(log).allMatch(request -> request.startsWith("GET ")).doesNotHaveDuplicates();
    assertThat(bytesOf(log)).isEqualTo(Arrays.stream(lengths).asLongStream().sum());
    assertThat(requests(records)).isEqualTo(Map.of("GET", (long) log.size()));
  }

  @Test
  void submit_ofSmallObjects_requestsEachOnceAndManyAtATime() throws Exception {
    for (int i = 0; i < 64; i++) {
      write("file" + i, 100 + i);
    }
    ModelPlan plan = plan();
    bucket.takeLog();
    AtomicInteger rounds = new AtomicInteger();
    CyclicBarrier sixteen = new CyclicBarrier(16, rounds::incrementAndGet);
    bucket.hook(request -> await(sixteen));

    List<UnitRecord> records = hash(pool(2, RANGE, 3, LONG), plan);

    assertThat(rounds).hasValue(4);
    assertThat(bucket.takeLog()).hasSize(64).doesNotHaveDuplicates();
    assertThat(requests(records)).isEqualTo(Map.of("GET", 64L));
  }

  @Test
  void submit_withRequestsThatFailOnce_repeatsThoseAlone() throws Exception {
    write("large", LARGE);
    write("small", 1_000);
    ModelPlan plan = plan();
    bucket.takeLog();
    Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
    bucket.hook(
        request -> {
          int before =
              asked.computeIfAbsent(request, first -> new AtomicInteger()).getAndIncrement();
          if (before == 0 && request.hashCode() % 8 == 0) {
            throw fault(StorageException.Kind.UNREADABLE);
          }
        });

    List<UnitRecord> records = hash(pool(2, RANGE, 3, LONG), plan);

    assertThat(digests(records)).isEqualTo(digests(fixture.hash(fixture.plan(model))));
    long failed = asked.values().stream().filter(count -> count.get() == 2).count();
    assertThat(failed).isPositive();
    assertThat(bucket.takeLog()).hasSize(81 + (int) failed);
    assertThat(requests(records)).isEqualTo(Map.of("GET", 81 + failed));
  }

  @ParameterizedTest
  @CsvSource({"1000", "5242880"})
  void submit_withARequestThatAlwaysFails_failsTheUnitFinally(int length) throws Exception {
    write("file", length);
    ModelPlan plan = plan();
    bucket.takeLog();
    bucket.hook(
        request -> {
          throw fault(StorageException.Kind.UNREADABLE);
        });

    pool(1, length, 2, LONG).submit(new ModelSplit(plan.units().get(0)));

    assertThat(next())
        .isInstanceOfSatisfying(
            UnitPool.UnitOutcome.Broken.class,
            broken -> {
              assertThat(broken.failure().isTransient()).isFalse();
              assertThat(broken.failure()).hasMessageContaining("Tried 3 times.");
            });
    assertThat(bucket.takeLog()).hasSize(3);
  }

  @Test
  void submit_ofAReplacedObject_isChanged() throws Exception {
    write("large", LARGE);
    ModelPlan plan = plan();
    bucket.put("model/large", new byte[LARGE]);

    pool(1, RANGE, 2, LONG).submit(new ModelSplit(plan.units().get(0)));

    assertThat(next())
        .isInstanceOfSatisfying(
            UnitPool.UnitOutcome.Broken.class,
            broken ->
                assertThat(broken.failure().reason()).isEqualTo(FailureReason.CHANGED_WHILE_READ));
  }

  /** The ledger tries again, as after a stall on any other store. */
  @Test
  void submit_ofASmallObjectThatStalls_isTransient() throws Exception {
    write("small", 1_000);
    ModelPlan plan = plan();
    CountDownLatch never = new CountDownLatch(1);
    bucket.hook(request -> await(never));

    pool(1, RANGE, 2, Duration.ofMillis(300)).submit(new ModelSplit(plan.units().get(0)));

    assertThat(next())
        .isInstanceOfSatisfying(
            UnitPool.UnitOutcome.Broken.class,
            broken -> {
              assertThat(broken.failure().reason()).isEqualTo(FailureReason.STALLED);
              assertThat(broken.failure().isTransient()).isTrue();
            });
    never.countDown();
  }

  @Test
  void cancel_whileRangesAreRequested_endsTheUnit() throws Exception {
    write("large", LARGE);
    WorkUnit unit = plan().units().get(0);
    CountDownLatch begun = new CountDownLatch(2);
    CountDownLatch never = new CountDownLatch(1);
    bucket.hook(
        request -> {
          begun.countDown();
          await(never);
        });
    HashingPool pool = pool(1, RANGE, 2, LONG);
    pool.submit(new ModelSplit(unit));
    begun.await();

    pool.cancel(0, unit.getHeader().getAttempt());

    assertThat(next()).isInstanceOf(UnitPool.UnitOutcome.Cancelled.class);
    never.countDown();
  }

  @Test
  void close_whileRangesAreRequested_answersNothingAndEndsTheThreads() throws Exception {
    write("large", LARGE);
    ModelPlan plan = plan();
    CountDownLatch begun = new CountDownLatch(2);
    CountDownLatch never = new CountDownLatch(1);
    bucket.hook(
        request -> {
          begun.countDown();
          await(never);
        });
    HashingPool pool = pool(1, RANGE, 2, LONG);
    Set<Thread> ofOthers = threads();
    pool.submit(new ModelSplit(plan.units().get(0)));
    begun.await();

    pool.close();

    while (!ofOthers.containsAll(threads())) {
      Thread.sleep(20);
    }
    assertThat(outcomes).isEmpty();
    never.countDown();
  }

  /** A busy machine may be slower. */
  @Test
  void submit_underALimit_isNotFasterThanItSays() throws Exception {
    write("large", LARGE);
    ModelPlan plan = plan();
    ReadSettings settings = settings(1, RANGE, 3, LONG);
    HashingPool pool = pool(settings, ReadRate.join("limited", 4 << 20, 1));
    long began = System.nanoTime();

    assertThat(hash(pool, plan)).hasSize(1);

    double seconds = (System.nanoTime() - began) / 1e9;
    assertThat(LARGE / seconds / (4 << 20)).isLessThan(1.10);
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("countersign-range-"))
        .collect(Collectors.toSet());
  }

  private void write(String name, int length) throws IOException {
    byte[] content = new byte[length];
    for (int i = 0; i < length; i++) {
      content[i] = (byte) (name.hashCode() + i * 31 + (i >> 8) + (i >> 16));
    }
    Files.write(model.resolve(name), content);
    String unused = bucket.put("model/" + name, content);
  }

  private ModelPlan plan() throws Exception {
    CatalogEntry entry =
        CatalogEntry.builder(0, uri).name("model").bundle(uri + "/model.sig").build();
    return new ModelPlanner(fixture.settings(), fixture.window, fixture.clock)
        .plan(entry, EarlierWork.NONE);
  }

  private static ReadSettings settings(int lanes, int range, int retries, Duration stall) {
    return new ReadSettings(lanes, 16, RANGE, stall, false, KernelChoice.JDK)
        .with(new RangeSettings(range, retries));
  }

  private HashingPool pool(int lanes, int range, int retries, Duration stall) {
    return pool(settings(lanes, range, retries, stall), ReadRate.unlimited());
  }

  private HashingPool pool(ReadSettings settings, ReadRate rate) {
    HashingPool pool =
        new HashingPool(
            settings,
            100,
            rate,
            new ReaderMetrics(
                new ThreadSafeSimpleCounter(),
                new ThreadSafeSimpleCounter(),
                new SimpleCounter(),
                new ThreadSafeSimpleCounter(),
                new ThreadSafeSimpleCounter(),
                new RequestMetrics(new UnregisteredMetricsGroup())),
            outcomes::add);
    open.add(pool);
    return pool;
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

  private static long bytesOf(List<String> log) {
    long sum = 0;
    for (String request : log) {
      String[] range = request.substring(request.lastIndexOf(' ') + 1).split("-", 2);
      sum += Long.parseLong(range[1]) - Long.parseLong(range[0]) + 1;
    }
    return sum;
  }

  private static Map<String, Long> requests(List<UnitRecord> records) {
    long gets =
        records.stream().mapToLong(record -> record.getRequests().getOrDefault("GET", 0L)).sum();
    assertThat(records)
        .allSatisfy(record -> assertThat(record.getRequests()).containsOnlyKeys("GET"));
    return Map.of("GET", gets);
  }

  private static List<RangeDigest> digests(List<UnitRecord> records) {
    return records.stream()
        .flatMap(record -> record.getDigests().stream())
        .sorted(Comparator.comparing(RangeDigest::getName).thenComparing(RangeDigest::getStart))
        .toList();
  }

  private static StorageException fault(StorageException.Kind kind) {
    return new StorageException(kind, "mem://bucket/model", "The store failed.", true, null);
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
