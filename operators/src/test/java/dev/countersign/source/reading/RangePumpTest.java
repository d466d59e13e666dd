package dev.countersign.source.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.hashing.KernelChoice;
import dev.countersign.oms.Sha256;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.source.PlanFixture;
import dev.countersign.storage.RangeSource;
import dev.countersign.storage.RequestCounts;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageException.Kind;
import java.io.Closeable;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
final class RangePumpTest {

  private static final String MODEL = "s3://lake/model";
  private static final int PART = 1_024;

  private final List<Closeable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (Closeable opened : open) {
      opened.close();
    }
  }

  /** Any size of parts, any pool and any order of answers: the bytes of one sequential read. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void drain_byAnyLanesOfAnyParts_passesOnTheBytesInOrderWithinThePool(long seed) throws Exception {
    Random random = new Random(seed);
    int lanes = 1 + random.nextInt(4);
    int part = 1 + random.nextInt(5_000);
    int buffer = 1 + random.nextInt(5_000);
    RangePump pump = pump(settings(lanes, buffer, part, 3));
    AtomicLong inFlight = new AtomicLong();
    AtomicLong most = new AtomicLong();
    List<FutureTask<Void>> ranges = new ArrayList<>();

    for (int i = 0; i < lanes; i++) {
      long start = random.nextInt(10_000);
      long end = start + random.nextInt(60 * part);
      ranges.add(
          running(
              () -> {
                FakeParts source = new FakeParts(RangePumpTest::sometimesSlow, inFlight, most);
                assertThat(digest(pump, source, start, end)).isEqualTo(digest(start, end));
              }));
    }

    for (FutureTask<Void> range : ranges) {
      range.get();
    }
    // Memory is counted in units of 1 KiB.
    long pool = 2L * lanes * ((Math.max(buffer, part) + 1_023) / 1_024) * 1_024;
    assertThat(most.get()).isPositive().isLessThanOrEqualTo(pool);
    assertThat(inFlight).hasValue(0);
  }

  @Test
  void drain_byOneLane_requestsAsManyPartsAtOnceAsThePoolHas() throws Exception {
    CountDownLatch four = new CountDownLatch(4);
    FakeParts source =
        new FakeParts(
            (position, before) -> {
              four.countDown();
              assertThat(four.await(45, TimeUnit.SECONDS)).isTrue();
            });

    byte[] digest = digest(pump(settings(2, PART, PART, 3)), source, 0, 40L * PART);

    assertThat(digest).isEqualTo(digest(0, 40L * PART));
    assertThat(source.mostInFlight()).isEqualTo(4L * PART);
    assertThat(source.requests()).isEqualTo(40);
  }

  @Test
  void drain_byTwoLanes_givesEachItsShareOfThePool() throws Exception {
    RangePump pump = pump(settings(2, PART, PART, 3));
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger ended = new AtomicInteger();
    CountDownLatch shares = new CountDownLatch(2);
    List<FutureTask<Void>> ranges = new ArrayList<>();
    for (int lane = 0; lane < 2; lane++) {
      AtomicBoolean hasShare = new AtomicBoolean();
      Set<Long> open = ConcurrentHashMap.newKeySet();
      FakeParts source =
          new FakeParts(
              (position, before) -> {
                if (position == 0) {
                  begun.incrementAndGet();
                }
                open.add(position);
                if (open.size() >= 2
                    && begun.get() == 2
                    && ended.get() == 0
                    && hasShare.compareAndSet(false, true)) {
                  shares.countDown();
                }
                Thread.sleep(5);
                open.remove(position);
              });
      ranges.add(
          running(
              () -> {
                // More than can be read before the time-out.
                assertThatThrownBy(
                        () ->
                            pump.drain(
                                MODEL,
                                source,
                                0,
                                100_000L * PART,
                                (bytes, length) -> source.used(length),
                                watch(() -> shares.getCount() == 0)))
                    .isInstanceOf(UnitHasher.CancelledException.class);
                ended.incrementAndGet();
              }));
    }

    assertThat(shares.await(60, TimeUnit.SECONDS))
        .as("two parts in flight beside the other lane, for each lane")
        .isTrue();
    for (FutureTask<Void> range : ranges) {
      range.get();
    }
  }

  @Test
  void drain_withTransientFaults_repeatsThePartsThatFailed() throws Exception {
    FakeParts source =
        new FakeParts(
            (position, before) -> {
              if (position % (7 * PART) == 0 && before < 3) {
                throw FakeParts.fault(Kind.UNREADABLE, true);
              }
            });
    RequestCounts counts = new RequestCounts();

    try (RequestCounts.Scope scope = counts.scope()) {
      byte[] digest = digest(pump(settings(2, PART, PART, 3)), source, 0, 21L * PART);
      assertThat(digest).isEqualTo(digest(0, 21L * PART));
    }

    assertThat(source.requests(0)).isEqualTo(4);
    assertThat(source.requests(PART)).isEqualTo(1);
    assertThat(source.requests()).isEqualTo(21 + 3 * 3);
    assertThat(counts.of(RequestCounts.Kind.GET)).isEqualTo(21 + 3 * 3);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10})
  void drain_withOneFaultMoreThanRetries_failsFinally(int parts) {
    FakeParts source =
        new FakeParts(
            (position, before) -> {
              if (position == (parts - 1L) * PART) {
                throw FakeParts.fault(Kind.UNREADABLE, true);
              }
            });

    assertThatThrownBy(
            () -> drain(pump(settings(2, PART, PART, 2)), source, 0, (long) parts * PART))
        .isInstanceOfSatisfying(
            ModelFailure.class,
            failure -> {
              assertThat(failure.isTransient()).isFalse();
              assertThat(failure).hasMessage("The store failed. Tried 3 times.");
            });
    assertThat(source.requests((parts - 1L) * PART)).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10})
  void drain_ofAFileThatChanged_failsWithoutAskingAgain(int parts) {
    FakeParts source =
        new FakeParts(
            (position, before) -> {
              throw FakeParts.fault(Kind.CHANGED, false);
            });

    assertThatThrownBy(
            () -> drain(pump(settings(1, PART, PART, 2)), source, 0, (long) parts * PART))
        .isInstanceOfSatisfying(
            StorageException.class, fault -> assertThat(fault.kind()).isEqualTo(Kind.CHANGED));
    assertThat(source.requests(0)).isEqualTo(1);
  }

  @Test
  void drain_fromAStoreThatAsksForFewerRequests_waitsLonger() throws Exception {
    long[] times = new long[2];
    for (Kind kind : List.of(Kind.UNREADABLE, Kind.THROTTLED)) {
      FakeParts source =
          new FakeParts(
              (position, before) -> {
                if (before == 0) {
                  throw FakeParts.fault(kind, true);
                }
              });
      long began = System.nanoTime();
      drain(pump(settings(1, PART, PART, 1)), source, 0, PART);
      times[kind == Kind.THROTTLED ? 1 : 0] =
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }

    assertThat(times[0]).isGreaterThanOrEqualTo(50);
    assertThat(times[1]).isGreaterThanOrEqualTo(250);
    assertThat(RangeSettings.defaults().faults().pauseMillis(0, 0.999)).isBetween(90L, 100L);
    assertThat(RangeSettings.defaults().throttling().pauseMillis(0, 0.999)).isBetween(490L, 500L);
  }

  /**
   * 5 % of the requests fail, each takes 200 ms: twice the time of the latency alone at most, which
   * half of the four requests at once on average amounts to on any machine.
   */
  @Test
  void drain_withFaultsAndLatency_hasHalfOfItsRequestsInFlightOnAverage() throws Exception {
    Random random = new Random(5);
    AtomicInteger inFlight = new AtomicInteger();
    AtomicInteger sum = new AtomicInteger();
    FakeParts source =
        new FakeParts(
            (position, before) -> {
              sum.addAndGet(inFlight.incrementAndGet());
              Thread.sleep(200);
              inFlight.decrementAndGet();
              synchronized (random) {
                if (random.nextInt(20) == 0) {
                  throw FakeParts.fault(Kind.UNREADABLE, true);
                }
              }
            });

    byte[] digest = digest(pump(settings(2, PART, PART, 3)), source, 0, 60L * PART);

    assertThat(digest).isEqualTo(digest(0, 60L * PART));
    assertThat(source.requests()).isGreaterThan(60);
    assertThat(sum.get() / (double) source.requests()).isGreaterThan(2);
  }

  @Test
  void drain_ofAPartThatStalls_requestsItAgain() throws Exception {
    CountDownLatch secondIn = new CountDownLatch(1);
    CountDownLatch firstWrote = new CountDownLatch(1);
    FakeParts source = new FakeParts((position, before) -> {});
    AtomicInteger requests = new AtomicInteger();
    RangeSource stalling =
        new RangeSource() {
          @Override
          public void read(long position, byte[] buffer, int offset, int length)
              throws StorageException {
            if (position == 2 * PART && requests.incrementAndGet() == 1) {
              hang(secondIn);
              Arrays.fill(buffer, offset, offset + length, (byte) -1);
              firstWrote.countDown();
            } else {
              source.read(position, buffer, offset, length);
            }
          }

          @Override
          public void finish() {}

          @Override
          public void close() {}
        };
    MessageDigest digest = Sha256.begin();
    AtomicInteger parts = new AtomicInteger();

    pump(settings(1, PART, PART, 1, Duration.ofSeconds(3)))
        .drain(
            MODEL,
            stalling,
            0,
            5L * PART,
            (bytes, length) -> {
              if (parts.incrementAndGet() == 3) {
                // The request that was given up writes what is no longer wanted.
                secondIn.countDown();
                hang(firstWrote);
              }
              digest.update(bytes, 0, length);
            },
            PlanFixture.UNWATCHED);

    assertThat(digest.digest()).isEqualTo(digest(0, 5L * PART));
    assertThat(requests).hasValue(2);
  }

  @Test
  void drain_ofAPartThatStallsAlways_failsFinally() {
    CountDownLatch never = new CountDownLatch(1);
    FakeParts source = new FakeParts((position, before) -> hang(never));

    assertThatThrownBy(
            () ->
                drain(
                    pump(settings(1, PART, PART, 1, Duration.ofMillis(400))), source, 0, 2L * PART))
        .isInstanceOfSatisfying(
            ModelFailure.class,
            failure -> {
              assertThat(failure.reason()).isEqualTo(FailureReason.STALLED);
              assertThat(failure.isTransient()).isFalse();
              assertThat(failure).hasMessageContaining("Tried 2 times.");
            });
    never.countDown();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10})
  void drain_ofAModelThatIsCancelled_endsAtOnceAndReturnsItsBuffers(int parts) throws Exception {
    ReadSettings settings = settings(1, PART, PART, 100);
    ReadBuffers buffers = new ReadBuffers(settings);
    RangePump pump = new RangePump(settings, buffers);
    open.add(pump::close);
    CountDownLatch failed = new CountDownLatch(3);
    FakeParts source =
        new FakeParts(
            (position, before) -> {
              failed.countDown();
              throw FakeParts.fault(Kind.UNREADABLE, true);
            });
    AtomicBoolean cancelled = new AtomicBoolean();
    FutureTask<Void> range =
        running(
            () ->
                assertThatThrownBy(
                        () ->
                            pump.drain(
                                MODEL,
                                source,
                                0,
                                (long) parts * PART,
                                (bytes, length) -> {},
                                watch(cancelled::get)))
                    .isInstanceOf(UnitHasher.CancelledException.class));
    failed.await();

    cancelled.set(true);

    range.get(45, TimeUnit.SECONDS);
    // All of the pool can be had again.
    List<ReadBuffers.PartBuffer> all = new ArrayList<>();
    for (int i = 0; i < buffers.mostParts(); i++) {
      all.add(buffers.forPart(PART));
    }
    assertThat(all).hasSize(2);
  }

  private RangePump pump(ReadSettings settings) {
    RangePump pump = new RangePump(settings, new ReadBuffers(settings));
    open.add(pump::close);
    return pump;
  }

  private static ReadSettings settings(int lanes, int buffer, int part, int retries) {
    return settings(lanes, buffer, part, retries, Duration.ofMinutes(1));
  }

  private static ReadSettings settings(
      int lanes, int buffer, int part, int retries, Duration stall) {
    return new ReadSettings(lanes, 16, buffer, stall, false, KernelChoice.JDK)
        .with(new RangeSettings(part, retries));
  }

  private static void drain(RangePump pump, FakeParts source, long start, long end)
      throws Exception {
    pump.drain(
        MODEL, source, start, end, (bytes, length) -> source.used(length), PlanFixture.UNWATCHED);
  }

  private static byte[] digest(RangePump pump, FakeParts source, long start, long end)
      throws Exception {
    MessageDigest digest = Sha256.begin();
    pump.drain(
        MODEL,
        source,
        start,
        end,
        (bytes, length) -> {
          digest.update(bytes, 0, length);
          source.used(length);
        },
        PlanFixture.UNWATCHED);
    return digest.digest();
  }

  private static byte[] digest(long start, long end) {
    MessageDigest digest = Sha256.begin();
    for (long position = start; position < end; position++) {
      digest.update(FakeParts.at(position));
    }
    return digest.digest();
  }

  private static void sometimesSlow(long position, int before)
      throws StorageException, InterruptedException {
    int dice = Math.floorMod(Long.hashCode(position * 0x9E3779B97F4A7C15L), 10);
    if (dice == 0 && before == 0) {
      throw FakeParts.fault(Kind.UNREADABLE, true);
    }
    if (dice < 5) {
      Thread.sleep(dice);
    }
  }

  /** Hangs as a read in a system call does, whatever interrupts it. */
  private static void hang(CountDownLatch until) {
    boolean released = false;
    while (!released) {
      try {
        until.await();
        released = true;
      } catch (InterruptedException e) {
        // Nothing ends it.
      }
    }
  }

  private static UnitHasher.Watch watch(BooleanSupplier cancelled) {
    return new UnitHasher.Watch() {
      @Override
      public void progressed(int bytes) {}

      @Override
      public void reading(Closeable input) {}

      @Override
      public boolean isCancelled() {
        return cancelled.getAsBoolean();
      }
    };
  }

  /** Something that may fail. */
  @FunctionalInterface
  private interface Action {
    void run() throws Exception;
  }

  private static FutureTask<Void> running(Action action) {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              action.run();
              return null;
            });
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
    return task;
  }
}
