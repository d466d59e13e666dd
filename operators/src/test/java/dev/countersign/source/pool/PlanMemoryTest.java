package dev.countersign.source.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(180)
final class PlanMemoryTest {

  private static final long MIB = 1L << 20;

  private static final String REMEDY =
      " Give it a larger heap (-Xmx in COUNTERSIGN_JAVA_OPTS, or jobmanager.memory.process.size on"
          + " a cluster), or split the model.";

  private final PlanMemory memory = new PlanMemory(10 * MIB);
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void close() {
    threads.shutdownNow();
  }

  @ParameterizedTest
  @ValueSource(longs = {3 * MIB + MIB, 512 * MIB, Long.MAX_VALUE / 3, Long.MAX_VALUE})
  void check_ofABundleThatNeverFits_isALimit(long length) {
    assertThatThrownBy(() -> memory.check("m/model\u001b.sig", length))
        .isInstanceOf(ModelFailure.class)
        .hasMessage(
            "m/model\\u001b.sig has "
                + length
                + " bytes, and checking a bundle takes about 3 times its length, more than the 10"
                + " MiB that this process has for plans."
                + REMEDY)
        .extracting(thrown -> ((ModelFailure) thrown).reason())
        .isEqualTo(FailureReason.LIMIT_EXCEEDED);
  }

  @Test
  void run_ofAModelThatNeverFits_isALimitAndGivesBack() throws ModelFailure {
    assertThatThrownBy(
            () ->
                memory.run(
                    "huge\u001b",
                    () -> {
                      while (true) {
                        PlanMemory.take(500);
                      }
                    }))
        .isInstanceOf(ModelFailure.class)
        .hasMessage(
            "Planning huge\\u001b takes more than the 10 MiB that this process has for plans."
                + REMEDY);

    assertThat(memory.run("whole", () -> taken(10 * MIB))).isEqualTo(10 * MIB);
  }

  @Test
  void run_ofACheckedBundle_keepsWhatItsStatementTakes() throws ModelFailure {
    assertThat(memory.run("model", () -> checked(3 * MIB) + taken(7 * MIB))).isEqualTo(10 * MIB);
    assertThatThrownBy(() -> memory.run("model", () -> checked(3 * MIB) + taken(7 * MIB + 1)))
        .isInstanceOf(ModelFailure.class);
  }

  @Test
  void run_ofACheckedBundle_givesBackWhatCheckingTook() throws Exception {
    CountDownLatch released = new CountDownLatch(1);
    Future<Long> first = holding(() -> checked(3 * MIB), released);

    assertThat(memory.run("second", () -> taken(7 * MIB))).isEqualTo(7 * MIB);
    released.countDown();
    assertThat(first.get()).isEqualTo(3 * MIB);
  }

  @Test
  void run_ofManySmallModels_letsThemRunAtOnce() throws Exception {
    CyclicBarrier all = new CyclicBarrier(100);
    List<Future<Long>> running = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      running.add(
          threads.submit(
              () ->
                  memory.run(
                      "small",
                      () -> {
                        long taken = taken(PlanMemory.SHARE);
                        await(all);
                        return taken;
                      })));
    }

    for (Future<Long> small : running) {
      assertThat(small.get()).isEqualTo(PlanMemory.SHARE);
    }
  }

  @Test
  void run_ofMoreThanThereIsAtOnce_endsAll() throws Exception {
    List<Future<Long>> running = new ArrayList<>();
    for (int i = 1; i <= 40; i++) {
      long bytes = i * MIB / 4;
      running.add(threads.submit(() -> memory.run("large", () -> slowlyTaken(bytes))));
    }

    for (int i = 1; i <= 40; i++) {
      assertThat(running.get(i - 1).get()).isEqualTo(i * MIB / 4);
    }
    assertThat(memory.run("whole", () -> taken(10 * MIB))).isEqualTo(10 * MIB);
  }

  @Test
  void run_whenOthersHoldTooMuch_waitsForThem() throws Exception {
    CountDownLatch released = new CountDownLatch(1);
    Future<Long> first = holding(() -> taken(8 * MIB), released);
    AtomicInteger tries = new AtomicInteger();
    Future<Boolean> second =
        threads.submit(
            () ->
                memory.run(
                    "second",
                    () -> {
                      tries.incrementAndGet();
                      long unused = taken(4 * MIB);
                      return released.getCount() == 0;
                    }));
    while (tries.get() == 0) {
      Thread.sleep(1);
    }
    released.countDown();

    assertThat(second.get()).as("ended once the first had given back").isTrue();
    assertThat(first.get()).isEqualTo(8 * MIB);
  }

  @Test
  void run_ofAModelThatTakesAllHeap_triesOnceAlone() throws Exception {
    AtomicInteger tries = new AtomicInteger();

    assertThat(
            memory.run(
                "model",
                () -> {
                  if (tries.incrementAndGet() == 1) {
                    throw new OutOfMemoryError("of a test");
                  }
                  return taken(10 * MIB); // Without another start: it is alone.
                }))
        .isEqualTo(10 * MIB);
    assertThat(tries).hasValue(2);
    assertThatThrownBy(
            () ->
                memory.run(
                    "model",
                    () -> {
                      tries.incrementAndGet();
                      throw new OutOfMemoryError("of a test");
                    }))
        .isInstanceOf(ModelFailure.class);
    assertThat(tries).hasValue(4);
  }

  @Test
  void run_withinOther_isAPartOfIt() throws Exception {
    assertThat(memory.run("outer", () -> taken(3 * MIB) + inner(7 * MIB))).isEqualTo(10 * MIB);
    assertThatThrownBy(() -> memory.run("outer", () -> inner(7 * MIB) + taken(3 * MIB + 1)))
        .isInstanceOf(ModelFailure.class);
  }

  @Test
  void part_whenItIsOver_hasGivenBackWhatItTook() throws Exception {
    assertThat(
            memory.run(
                "model",
                () -> {
                  try (PlanMemory.Part unused = PlanMemory.part()) {
                    long first = taken(8 * MIB);
                    return first;
                  } finally {
                    long second = taken(10 * MIB);
                    assertThat(second).isPositive();
                  }
                }))
        .isEqualTo(8 * MIB);
  }

  /** Each way of closing gives back each share once, whatever the other thread is doing. */
  @Test
  void close_whileMoreIsTaken_givesBackAllOnce() throws Exception {
    for (int i = 0; i < 2_000; i++) {
      CountDownLatch taking = new CountDownLatch(1);
      PlanMemory.Taken[] held = new PlanMemory.Taken[1];
      Future<Boolean> work =
          threads.submit(
              () ->
                  memory.run(
                      "model",
                      () -> {
                        held[0] = PlanMemory.current();
                        taking.countDown();
                        try {
                          while (true) {
                            PlanMemory.take(PlanMemory.SHARE);
                            PlanMemory.take(-PlanMemory.SHARE);
                          }
                        } catch (PlanMemory.EndOfWork e) {
                          assertThat(e).hasMessage("the work was given up");
                          return true;
                        }
                      }));
      taking.await();
      held[0].close();
      assertThat(work.get()).isTrue();
      assertThat(memory.available()).isEqualTo(10 * MIB);
    }
  }

  @Test
  void ofThisProcess_inAnotherClassLoader_isTheSameBudget() throws Exception {
    PlanMemory here = PlanMemory.ofThisProcess();
    try (AnotherJob job = new AnotherJob()) {
      Class<?> there = job.loadClass(PlanMemory.class.getName());
      Object other = there.getMethod("ofThisProcess").invoke(null);

      assertThat(there).isNotSameAs(PlanMemory.class);
      assertThat(AnotherJob.field(there, other, "free"))
          .isSameAs(AnotherJob.field(PlanMemory.class, here, "free"));
    }
  }

  private static long taken(long bytes) {
    PlanMemory.take(bytes);
    return bytes;
  }

  private long inner(long bytes) {
    try {
      return memory.run("inner", () -> taken(bytes));
    } catch (ModelFailure e) {
      throw new IllegalStateException(e);
    }
  }

  /** Checks a bundle of that length; what its statement takes is left. */
  private long checked(long length) {
    try (PlanMemory.Part unused = memory.check("bundle", length)) {
      return length;
    } catch (ModelFailure e) {
      throw new IllegalStateException(e);
    }
  }

  private static long slowlyTaken(long bytes) {
    for (long done = 0; done < bytes; done += PlanMemory.SHARE / 2) {
      PlanMemory.take(PlanMemory.SHARE / 2);
      LockSupport.parkNanos(1_000);
    }
    return bytes;
  }

  private static void await(CyclicBarrier barrier) {
    try {
      int unused = barrier.await(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Has a model on another thread do some work, and keep its memory until it is released. */
  private Future<Long> holding(Supplier<Long> work, CountDownLatch released)
      throws InterruptedException {
    CountDownLatch holds = new CountDownLatch(1);
    Future<Long> held =
        threads.submit(
            () ->
                memory.run(
                    "first",
                    () -> {
                      long bytes = work.get();
                      holds.countDown();
                      await(released);
                      return bytes;
                    }));
    holds.await();
    return held;
  }
}
