package dev.countersign.source.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.hashing.KernelChoice;
import dev.countersign.metrics.ReaderMetrics;
import dev.countersign.metrics.RequestMetrics;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.TestFileSystem;
import dev.countersign.source.ledger.Plans;
import dev.countersign.source.pool.ReadRate;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.UnitId;
import dev.countersign.source.units.WorkUnits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class HashingPoolTest {

  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SHORT = Duration.ofSeconds(2);

  @TempDir Path folder;

  private final Counter bytes = new ThreadSafeSimpleCounter();
  private final Counter files = new ThreadSafeSimpleCounter();
  private final Counter hashing = new ThreadSafeSimpleCounter();
  private final Counter reading = new ThreadSafeSimpleCounter();
  private final BlockingQueue<UnitPool.UnitOutcome> outcomes = new LinkedBlockingQueue<>();
  private final List<HashingPool> open = new ArrayList<>();

  @BeforeEach
  void register() {
    TestFileSystem.register();
  }

  @AfterEach
  void closeAndUnregister() {
    open.forEach(HashingPool::close);
    TestFileSystem.unregister();
  }

  @Test
  void submit_ofUnits_answersEachOnceAndCounts() throws Exception {
    HashingPool lanes = lanes(3, LONG);
    TestFileSystem.whenOpening(name -> Thread.sleep(2));

    for (int unit = 0; unit < 50; unit++) {
      lanes.submit(split(1, unit, "file" + unit));
    }

    List<UnitId> done = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      UnitPool.UnitOutcome outcome = next();
      assertThat(outcome).isInstanceOf(UnitPool.UnitOutcome.Done.class);
      done.add(outcome.id());
    }
    assertThat(done).doesNotHaveDuplicates();
    assertNothingMore();
    assertThat(bytes.getCount()).isEqualTo(50 * 7);
    assertThat(files.getCount()).isEqualTo(50);
    assertThat(hashing.getCount()).isPositive();
    assertThat(reading.getCount()).isGreaterThanOrEqualTo(50 * TimeUnit.MILLISECONDS.toNanos(2));
  }

  @Test
  void submit_ofAFileThatIsGone_isBroken() throws Exception {
    HashingPool lanes = lanes(1, LONG);
    ModelSplit split = split(1, 0, "file");
    Files.delete(folder.resolve("file"));

    lanes.submit(split);

    assertThat(next())
        .isInstanceOfSatisfying(
            UnitPool.UnitOutcome.Broken.class,
            broken -> {
              assertThat(broken.failure().reason()).isEqualTo(FailureReason.CHANGED_WHILE_READ);
              assertThat(broken.failure()).hasMessageContaining("file");
            });
  }

  @Test
  void submit_ofAFileThatCannotBeClosed_blamesTheStorage() throws Exception {
    HashingPool lanes = lanes(1, LONG);

    lanes.submit(split(1, 0, TestFileSystem.FAILS_AT_CLOSE));

    assertThat(next())
        .isInstanceOfSatisfying(
            UnitPool.UnitOutcome.Broken.class,
            broken -> {
              assertThat(broken.failure().reason()).isEqualTo(FailureReason.UNREADABLE);
              assertThat(broken.failure())
                  .hasMessageContaining(TestFileSystem.FAILS_AT_CLOSE)
                  .hasMessageContaining("the connection was reset");
            });
  }

  @Test
  void submit_ofAUnitThatMakesNoSense_isBrokenAndTheLaneGoesOn() throws Exception {
    HashingPool lanes = lanes(1, LONG);
    ModelSplit senseless = split(1, 0, "file");
    senseless.unit().getHeader().setHashType("no hash");

    lanes.submit(senseless);
    lanes.submit(split(2, 0, "another"));

    assertThat(next())
        .isInstanceOfSatisfying(
            UnitPool.UnitOutcome.Broken.class,
            broken ->
                assertThat(broken.failure().reason()).isEqualTo(FailureReason.INTERNAL_ERROR));
    assertThat(next()).isInstanceOf(UnitPool.UnitOutcome.Done.class);
  }

  @Test
  void submit_withoutMemoryForABuffer_isBrokenEachTime() throws Exception {
    HashingPool lanes =
        new HashingPool(
            new ReadSettings(1, 16, Integer.MAX_VALUE, LONG, false, KernelChoice.JDK),
            100,
            ReadRate.unlimited(),
            new ReaderMetrics(
                bytes,
                files,
                new SimpleCounter(),
                hashing,
                reading,
                new RequestMetrics(new UnregisteredMetricsGroup())),
            outcomes::add);
    open.add(lanes);

    for (int i = 0; i < 2; i++) {
      // Small files in a remote store have buffers of their length.
      lanes.submit(split(1, i, Files.write(folder.resolve("large" + i), new byte[4 << 20])));
    }

    for (int i = 0; i < 2; i++) {
      assertThat(next())
          .isInstanceOfSatisfying(
              UnitPool.UnitOutcome.Broken.class,
              broken ->
                  assertThat(broken.failure().reason()).isEqualTo(FailureReason.LIMIT_EXCEEDED));
    }
  }

  @Test
  void watch_ofAReadThatBringsNothing_givesUpOnceAndReplacesTheLane() throws Exception {
    HashingPool lanes = watchedLanes(1);

    lanes.submit(split(1, 0, TestFileSystem.STALLS));
    lanes.submit(split(2, 0, "file"));
    UnitPool.UnitOutcome stalled = next();
    UnitPool.UnitOutcome other = next();

    assertThat(stalled)
        .isInstanceOfSatisfying(
            UnitPool.UnitOutcome.Broken.class,
            broken -> {
              assertThat(broken.failure().reason()).isEqualTo(FailureReason.STALLED);
              assertThat(broken.failure()).hasMessageContaining("'stall-timeout'");
              assertThat(broken.failure().isTransient()).isTrue();
            });
    assertThat(other).isInstanceOf(UnitPool.UnitOutcome.Done.class);
    assertThat(other.id().entryId()).isEqualTo(2);
    TestFileSystem.release();
    assertNothingMore();
  }

  @Test
  void watch_ofManyStalls_replacesEveryLane() throws Exception {
    HashingPool lanes = watchedLanes(2);

    for (int unit = 0; unit < 6; unit++) {
      lanes.submit(split(1, unit, TestFileSystem.STALLS + unit));
    }
    lanes.submit(split(2, 0, "file"));

    List<UnitPool.UnitOutcome> all = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      all.add(next());
    }
    assertThat(all).filteredOn(UnitPool.UnitOutcome.Broken.class::isInstance).hasSize(6);
    assertThat(all)
        .filteredOn(UnitPool.UnitOutcome.Done.class::isInstance)
        .extracting(UnitPool.UnitOutcome::id)
        .containsExactly(new UnitId(2, 1, 0));
    TestFileSystem.release();
    assertNothingMore();
  }

  @Test
  void watch_ofAnIdleLane_leavesItAlone() throws Exception {
    HashingPool lanes = watchedLanes(1);
    lanes.submit(split(1, 0, "file"));
    assertThat(next()).isInstanceOf(UnitPool.UnitOutcome.Done.class);

    Thread.sleep(3 * SHORT.toMillis());
    lanes.submit(split(1, 1, "another"));

    assertThat(next()).isInstanceOf(UnitPool.UnitOutcome.Done.class);
  }

  @Test
  void cancel_ofUnitsThatWait_dropsThemAndNoOthers() throws Exception {
    HashingPool lanes = lanes(1, LONG);
    lanes.submit(split(1, 0, TestFileSystem.STALLS));
    TestFileSystem.awaitStall();
    lanes.submit(split(2, 0, "a"));
    lanes.submit(split(2, 1, "b"));
    lanes.submit(split(3, 0, "c"));

    lanes.cancel(2, 1);
    lanes.cancel(3, 2);
    TestFileSystem.release();

    assertThat(next()).isInstanceOf(UnitPool.UnitOutcome.Done.class);
    assertThat(next()).isEqualTo(new UnitPool.UnitOutcome.Cancelled(new UnitId(2, 1, 0)));
    assertThat(next()).isEqualTo(new UnitPool.UnitOutcome.Cancelled(new UnitId(2, 1, 1)));
    assertThat(next()).isInstanceOf(UnitPool.UnitOutcome.Done.class);
    assertNothingMore();
  }

  @Test
  void cancel_ofAUnitThatIsRead_endsItWhenBytesCome() throws Exception {
    HashingPool lanes = lanes(1, LONG);
    lanes.submit(split(1, 0, TestFileSystem.STALLS));
    TestFileSystem.awaitStall();

    lanes.cancel(1, 1);
    TestFileSystem.release();

    assertThat(next()).isEqualTo(new UnitPool.UnitOutcome.Cancelled(new UnitId(1, 1, 0)));
    assertNothingMore();
  }

  @Test
  void close_whileUnitsAreReadAndWait_answersNothingAndEndsTheThreads() throws Exception {
    Set<Thread> ofOthers = threads();
    HashingPool lanes = lanes(1, LONG);
    ModelSplit many = split(1, 0, TestFileSystem.STALLS);
    for (int i = 0; i < 100; i++) {
      many.unit().getRanges().addAll(split(1, 0, "file" + i).unit().getRanges());
    }
    lanes.submit(many);
    lanes.submit(split(1, 1, "file"));
    TestFileSystem.awaitStall();

    lanes.close();
    TestFileSystem.release();

    while (!ofOthers.containsAll(threads())) {
      Thread.sleep(20);
    }
    assertNothingMore();
    assertThat(bytes.getCount()).isLessThanOrEqualTo(7);
  }

  /** Lanes that give up soon. A unit is read before, which loads the classes. */
  private HashingPool watchedLanes(int count) throws Exception {
    lanes(1, LONG).submit(split(0, 0, "first"));
    assertThat(next()).isInstanceOf(UnitPool.UnitOutcome.Done.class);
    return lanes(count, SHORT);
  }

  private HashingPool lanes(int count, Duration stall) {
    HashingPool lanes =
        new HashingPool(
            new ReadSettings(count, count, 1 << 16, stall, false, KernelChoice.JDK),
            100,
            ReadRate.unlimited(),
            new ReaderMetrics(
                bytes,
                files,
                new SimpleCounter(),
                hashing,
                reading,
                new RequestMetrics(new UnregisteredMetricsGroup())),
            outcomes::add);
    open.add(lanes);
    return lanes;
  }

  /** A unit that reads one new file of seven bytes. */
  private ModelSplit split(long entryId, int unit, String name) throws IOException {
    return split(entryId, unit, Files.writeString(folder.resolve(name), "7 bytes"));
  }

  private ModelSplit split(long entryId, int unit, Path file) throws IOException {
    ModelHeader header = Plans.header(entryId);
    header.setModel(TestFileSystem.uri(folder));
    WorkUnit work = WorkUnits.empty(header, unit, 10);
    work.getRanges().add(TestFileSystem.range(file));
    return new ModelSplit(work);
  }

  private UnitPool.UnitOutcome next() throws InterruptedException {
    return Objects.requireNonNull(outcomes.poll(45, TimeUnit.SECONDS), "no outcome came");
  }

  private void assertNothingMore() throws InterruptedException {
    assertThat(outcomes.poll(300, TimeUnit.MILLISECONDS)).isNull();
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(
            thread ->
                thread.getName().startsWith("countersign-lane")
                    || thread.getName().startsWith("countersign-small"))
        .collect(Collectors.toSet());
  }
}
