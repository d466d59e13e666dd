package dev.countersign.source.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.source.ledger.Plans;
import dev.countersign.source.units.ModelPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class GuardedPoolTest {

  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Duration SHORT = Duration.ofSeconds(1);

  private GuardedPool<ModelPlan> planners = new GuardedPool<>("test-planner", 1, LONG);
  private final BlockingQueue<ModelPlan> plans = new LinkedBlockingQueue<>();
  private final BlockingQueue<Throwable> faults = new LinkedBlockingQueue<>();
  private final CountDownLatch hanging = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  @AfterEach
  void close() {
    released.countDown();
    planners.close();
  }

  @Test
  void submit_ofModels_plansEachOnceInOrder() throws Exception {
    for (int i = 0; i < 20; i++) {
      ModelPlan plan = Plans.ofUnits(i, 1);
      submit(i, () -> plan);
    }

    for (int i = 0; i < 20; i++) {
      assertThat(next().header().getEntryId()).isEqualTo(i);
    }
    assertNothingMore();
  }

  @Test
  void submit_whoseResultCannotBeDelivered_saysSo() throws Exception {
    CompletableFuture<Throwable> told = new CompletableFuture<>();
    Error fault = new OutOfMemoryError("injected by a test");
    try (GuardedPool<String> pool = new GuardedPool<>("test", 1, Duration.ofMinutes(1))) {
      pool.submit(
          "/models/0",
          () -> "plan",
          () -> "stalled",
          plan -> {
            throw fault;
          },
          told::complete);

      assertThat(told.get(30, TimeUnit.SECONDS)).isSameAs(fault);
    }
  }

  @Test
  void submit_ofAModelThatDoesNotGetOn_givesItUpAndPlansTheNext() throws Exception {
    giveUpAfter(SHORT);
    ModelPlan next = Plans.ofUnits(1, 1);
    submit(0, this::hang);
    submit(1, () -> next);

    List<ModelPlan> both = new ArrayList<>(List.of(next(), next()));
    both.sort(Comparator.comparingLong(plan -> plan.header().getEntryId()));
    ModelPlan stalled = both.get(0);

    assertThat(Objects.requireNonNull(stalled.verdict()).getReason())
        .isEqualTo(FailureReason.STALLED);
    assertThat(stalled.verdict().getMessage()).contains("/models/0", "'stall-timeout'");
    assertThat(stalled.isTransient()).isTrue();
    assertThat(both.get(1).header().getEntryId()).isEqualTo(1);
    released.countDown();
    assertNothingMore();
  }

  @Test
  void submit_ofAModelThatGetsOnSlowly_waitsForIt() throws Exception {
    giveUpAfter(Duration.ofSeconds(4));
    submit(
        0,
        () -> {
          for (int i = 0; i < 10; i++) {
            sleep(500);
            GuardedPool.progressed();
          }
          return Plans.ofUnits(0, 1);
        });

    assertThat(next().verdict()).isNull();
  }

  @Test
  void submit_ofAModelThatWaitsForMemoryOfOthers_waitsForIt() throws Exception {
    PlanMemory memory = new PlanMemory(PlanMemory.SHARE);
    CountDownLatch holding = new CountDownLatch(1);
    Thread first = new Thread(() -> within(memory, () -> waited(holding)));
    first.start();
    holding.await();
    giveUpAfter(SHORT);
    ModelPlan plan = Plans.ofUnits(0, 1);
    submit(0, () -> within(memory, () -> plan));
    sleep(3 * SHORT.toMillis());

    released.countDown();

    assertThat(next().verdict()).isNull();
    first.join();
  }

  @Test
  void submit_ofAModelThatHangsWithMemory_givesItBack() throws Exception {
    giveUpAfter(SHORT);
    PlanMemory memory = new PlanMemory(PlanMemory.SHARE);
    submit(0, () -> within(memory, this::hang));
    hanging.await();

    assertThat(next().verdict()).isNotNull();
    assertThat(within(memory, () -> Plans.ofUnits(1, 1)).verdict()).isNull();
    assertNothingMore();
  }

  @Test
  void close_whileAModelHangsWithMemory_givesItBack() throws Exception {
    PlanMemory memory = new PlanMemory(PlanMemory.SHARE);
    submit(0, () -> within(memory, this::hang));
    hanging.await();

    planners.close();

    assertThat(within(memory, () -> Plans.ofUnits(1, 1)).verdict()).isNull();
  }

  @Test
  void close_whileAModelWaitsForMemory_plansNothingMoreAndTakesNone() throws Exception {
    PlanMemory memory = new PlanMemory(PlanMemory.SHARE);
    AtomicInteger planned = new AtomicInteger();
    CountDownLatch holding = new CountDownLatch(1);
    Thread first = new Thread(() -> within(memory, () -> waited(holding)));
    first.start();
    holding.await();
    AtomicReference<Thread> waiting = new AtomicReference<>();
    submit(
        0,
        () -> {
          waiting.set(Thread.currentThread());
          return within(memory, () -> Plans.ofUnits(planned.incrementAndGet(), 1));
        });
    until(memory::isAwaited);

    planners.close();

    waiting.get().join();
    released.countDown();
    first.join();
    assertThat(planned).as("plans after the pool was closed").hasValue(0);
    assertThat(memory.available()).isEqualTo(PlanMemory.SHARE);
  }

  @Test
  void close_beforeAModelAsksForMemory_plansNothingMoreAndTakesNone() throws Exception {
    PlanMemory memory = new PlanMemory(PlanMemory.SHARE);
    AtomicInteger planned = new AtomicInteger();
    AtomicReference<Thread> late = new AtomicReference<>();
    submit(
        0,
        () -> {
          late.set(Thread.currentThread());
          ModelPlan unused = hang();
          return within(memory, () -> Plans.ofUnits(planned.incrementAndGet(), 1));
        });
    hanging.await();

    planners.close();
    released.countDown();

    late.get().join();
    assertThat(planned).as("plans after the pool was closed").hasValue(0);
    assertThat(memory.available()).isEqualTo(PlanMemory.SHARE);
  }

  @Test
  void take_inAModelThatWasGivenUp_endsIt() throws Exception {
    giveUpAfter(SHORT);
    PlanMemory memory = new PlanMemory(2 * PlanMemory.SHARE);
    AtomicReference<Thread> late = new AtomicReference<>();
    submit(
        0,
        () ->
            within(
                memory,
                () -> {
                  late.set(Thread.currentThread());
                  ModelPlan plan = hang();
                  PlanMemory.take(2 * PlanMemory.SHARE);
                  return plan;
                }));

    assertThat(next().verdict()).isNotNull();
    released.countDown();
    late.get().join();

    assertThat(memory.available()).isEqualTo(2 * PlanMemory.SHARE);
    assertNothingMore();
  }

  @Test
  void handOver_ofAResultsMemory_keepsWhatItNeedsUntilThatIsGivenBack() throws Exception {
    PlanMemory memory = new PlanMemory(10 * PlanMemory.SHARE);
    PlanMemory.Taken kept = memory.nothing();
    planners.submit(
        "/models/0",
        () ->
            within(
                memory,
                () -> {
                  PlanMemory.take(9 * PlanMemory.SHARE);
                  return Plans.ofUnits(0, 1);
                }),
        () -> null,
        plan -> {
          GuardedPool.handOver(kept, 3 * PlanMemory.SHARE);
          plans.add(plan);
        },
        faults::add);
    assertThat(next()).isNotNull();
    until(() -> memory.available() == 7 * PlanMemory.SHARE);

    kept.giveBack(2 * PlanMemory.SHARE);
    assertThat(memory.available()).isEqualTo(9 * PlanMemory.SHARE);
    kept.close();
    kept.giveBack(PlanMemory.SHARE);
    assertThat(memory.available()).isEqualTo(10 * PlanMemory.SHARE);
  }

  @Test
  void submit_whenNoThreadCanBeStarted_waitsForOne() throws Exception {
    AtomicInteger starts = new AtomicInteger();
    try (GuardedPool<ModelPlan> pool =
        new GuardedPool<>(
            "test-unstartable",
            2,
            LONG,
            LONG,
            thread -> {
              if (starts.incrementAndGet() < 3) {
                throw new OutOfMemoryError("unable to create native thread");
              }
              thread.start();
            })) {
      ModelPlan plan = Plans.ofUnits(1, 1);
      pool.submit("/models/1", () -> plan, () -> plan, plans::add, faults::add);

      assertThat(next()).isSameAs(plan);
      assertThat(starts).hasValue(3);
    }
  }

  @Test
  void submit_whileAModelIsGivenUp_startsNoThreadTooMany() throws Exception {
    giveUpAfter(SHORT);
    AtomicInteger atWork = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    planners.submit(
        "/models/0",
        this::hang,
        () -> {
          for (int i = 1; i <= 5; i++) {
            ModelPlan plan = Plans.ofUnits(i, 1);
            submit(
                i,
                () -> {
                  int now = atWork.incrementAndGet();
                  most.accumulateAndGet(now, Math::max);
                  sleep(20);
                  atWork.getAndDecrement();
                  return plan;
                });
          }
          return Plans.failing(0);
        },
        plans::add,
        faults::add);

    for (int i = 0; i < 6; i++) {
      assertThat(next()).isNotNull();
    }
    assertThat(most).as("models at once").hasValue(1);
  }

  @Test
  void submit_afterAllThreadsHaveEndedForWantOfWork_startsOthers() throws Exception {
    Set<Thread> workers = ConcurrentHashMap.newKeySet();
    try (GuardedPool<ModelPlan> pool =
        new GuardedPool<>("test-idle", 8, LONG, Duration.ofMillis(1), Thread::start)) {
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 20; i++) {
          ModelPlan plan = Plans.ofUnits(i, 1);
          pool.submit(
              "/models/" + i,
              () -> {
                workers.add(Thread.currentThread());
                return plan;
              },
              () -> plan,
              plans::add,
              faults::add);
        }
        for (int i = 0; i < 20; i++) {
          assertThat(next()).isNotNull();
        }
        for (Thread worker : workers) {
          worker.join();
        }
        until(() -> threads("test-idle-.*").isEmpty());
      }
    }
  }

  @Test
  void submit_ofAModelThatLeavesAnInterruptBehind_plansTheNext() throws Exception {
    submit(
        0,
        () -> {
          Thread.currentThread().interrupt();
          return Plans.ofUnits(0, 1);
        });
    assertThat(next().header().getEntryId()).isZero();

    submit(1, () -> Plans.ofUnits(1, 1));

    assertThat(next().header().getEntryId()).isEqualTo(1);
  }

  @Test
  void submit_ofAModelThatCannotBeGivenUp_tellsOfItAndGoesOn() throws Exception {
    giveUpAfter(SHORT);
    ModelPlan next = Plans.ofUnits(1, 1);
    planners.submit(
        "/models/0",
        this::hang,
        () -> {
          throw new OutOfMemoryError("unable to create native thread");
        },
        plans::add,
        faults::add);
    submit(1, () -> next);

    assertThat(faults.poll(45, TimeUnit.SECONDS)).hasMessage("unable to create native thread");
    assertThat(next().header().getEntryId()).isEqualTo(1);
  }

  @Test
  void submit_ofMoreThatHangsThanMay_failsWithoutThreadsUntilSomeGetOn() throws Exception {
    int models = GuardedPool.MAX_HANGING + 10;
    try (GuardedPool<ModelPlan> pool =
        new GuardedPool<>("test-hanging", 2, Duration.ofMillis(20))) {
      for (int i = 0; i < models; i++) {
        submit(pool, i, this::hang);
      }
      for (int i = 0; i < models; i++) {
        assertThat(next().verdict()).isNotNull();
      }
      int threads = threads("test-hanging-[0-9]+").size();

      released.countDown();
      ModelPlan after;
      do {
        submit(pool, models, () -> Plans.ofUnits(models, 1));
        after = next();
      } while (after.verdict() != null);

      assertThat(threads).isBetween(1, GuardedPool.MAX_HANGING + 2);
    }
  }

  @Test
  void submit_ofATaskThatThrows_tellsOfItAndGoesOn() throws Exception {
    submit(
        0,
        () -> {
          throw new IllegalStateException("should not be");
        });
    submit(1, () -> Plans.ofUnits(1, 1));

    assertThat(faults.poll(45, TimeUnit.SECONDS)).hasMessage("should not be");
    assertThat(next().header().getEntryId()).isEqualTo(1);
  }

  @Test
  void close_whilePlanning_answersNothing() throws Exception {
    submit(0, this::hang);
    hanging.await();

    planners.close();
    released.countDown();

    assertNothingMore();
  }

  private void giveUpAfter(Duration stallTimeout) {
    planners.close();
    planners = new GuardedPool<>("test-planner", 1, stallTimeout);
  }

  private void submit(long entryId, Supplier<ModelPlan> task) {
    submit(planners, entryId, task);
  }

  private void submit(GuardedPool<ModelPlan> pool, long entryId, Supplier<ModelPlan> task) {
    pool.submit(
        "/models/" + entryId,
        task,
        () ->
            ModelPlan.failed(
                Plans.header(entryId), ModelFailure.stalledPlanning("/models/" + entryId, SHORT)),
        plans::add,
        faults::add);
  }

  private static ModelPlan within(PlanMemory memory, Supplier<ModelPlan> work) {
    try {
      return memory.run("a model", work);
    } catch (ModelFailure e) {
      throw new IllegalStateException(e);
    }
  }

  private ModelPlan waited(CountDownLatch holding) {
    holding.countDown();
    try {
      released.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return Plans.ofUnits(2, 1);
  }

  private static List<Thread> threads(String pattern) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().matches(pattern))
        .toList();
  }

  private static void until(BooleanSupplier holds) throws InterruptedException {
    while (!holds.getAsBoolean()) {
      Thread.sleep(1);
    }
  }

  /** As a listing in a system call: nothing ends it. */
  private ModelPlan hang() {
    hanging.countDown();
    while (true) {
      try {
        released.await();
        return Plans.ofUnits(0, 1);
      } catch (InterruptedException e) {
        // Deaf on purpose.
      }
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private ModelPlan next() throws InterruptedException {
    return Objects.requireNonNull(plans.poll(45, TimeUnit.SECONDS), "no plan came");
  }

  private void assertNothingMore() throws InterruptedException {
    assertThat(plans.poll(300, TimeUnit.MILLISECONDS)).isNull();
  }
}
