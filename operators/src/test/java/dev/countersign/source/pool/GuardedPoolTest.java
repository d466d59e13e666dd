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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class GuardedPoolTest {

  private static final Duration SHORT = Duration.ofMillis(500);

  private final GuardedPool<ModelPlan> planners = new GuardedPool<>("test-planner", 1, SHORT);
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
  void submit_ofAModelThatDoesNotGetOn_givesItUpAndPlansTheNext() throws Exception {
    submit(0, this::hang);
    submit(1, () -> Plans.ofUnits(1, 1));

    List<ModelPlan> both = new ArrayList<>(List.of(next(), next()));
    both.sort(Comparator.comparingLong(plan -> plan.header().getEntryId()));
    ModelPlan stalled = both.get(0);
    ModelPlan other = both.get(1);

    assertThat(Objects.requireNonNull(stalled.verdict()).getReason())
        .isEqualTo(FailureReason.STALLED);
    assertThat(stalled.verdict().getMessage()).contains("/models/0", "'stall-timeout'");
    assertThat(stalled.isTransient()).isTrue();
    assertThat(other.header().getEntryId()).isEqualTo(1);
    released.countDown();
    assertNothingMore();
  }

  @Test
  void submit_ofAModelThatGetsOnSlowly_waitsForIt() throws Exception {
    submit(
        0,
        () -> {
          for (int i = 0; i < 12; i++) {
            sleep(100);
            GuardedPool.progressed();
          }
          return Plans.ofUnits(0, 1);
        });

    assertThat(next().verdict()).isNull();
  }

  @Test
  void submit_ofAModelThatWaitsForMemoryOfOthers_waitsForIt() throws Exception {
    BundleMemory memory = new BundleMemory(3 << 20);
    BundleMemory.Taken all = memory.take("first", 1 << 20);
    submit(
        0,
        () -> {
          try (BundleMemory.Taken unused = memory.take("second", 1 << 20)) {
            return Plans.ofUnits(0, 1);
          } catch (ModelFailure e) {
            throw new IllegalStateException(e);
          }
        });
    sleep(3 * SHORT.toMillis());

    all.close();
    all.close();

    assertThat(next().verdict()).isNull();
  }

  @Test
  void submit_ofAModelThatHangsWithMemory_givesItBack() throws Exception {
    BundleMemory memory = new BundleMemory(3 << 20);
    submit(
        0,
        () -> {
          try (BundleMemory.Taken unused = memory.take("hangs", 1 << 20)) {
            return hang();
          } catch (ModelFailure e) {
            throw new IllegalStateException(e);
          }
        });
    hanging.await();

    assertThat(next().verdict()).isNotNull();
    try (BundleMemory.Taken unused = memory.take("next", 1 << 20)) {
      assertNothingMore();
    }
  }

  @Test
  void submit_ofAModelThatCannotBeGivenUp_tellsOfItAndGoesOn() throws Exception {
    planners.submit(
        "/models/0",
        this::hang,
        () -> {
          throw new OutOfMemoryError("unable to create native thread");
        },
        plans::add,
        faults::add);
    submit(1, () -> Plans.ofUnits(1, 1));

    assertThat(faults.poll(10, TimeUnit.SECONDS)).hasMessage("unable to create native thread");
    assertThat(next().header().getEntryId()).isEqualTo(1);
  }

  @Test
  void submit_ofATaskThatThrows_tellsOfItAndGoesOn() throws Exception {
    submit(
        0,
        () -> {
          throw new IllegalStateException("should not be");
        });
    submit(1, () -> Plans.ofUnits(1, 1));

    assertThat(faults.poll(10, TimeUnit.SECONDS)).hasMessage("should not be");
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

  private void submit(long entryId, Supplier<ModelPlan> task) {
    planners.submit(
        "/models/" + entryId,
        task,
        () ->
            ModelPlan.failed(
                Plans.header(entryId), ModelFailure.stalledPlanning("/models/" + entryId, SHORT)),
        plans::add,
        faults::add);
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
    return Objects.requireNonNull(plans.poll(10, TimeUnit.SECONDS), "no plan came");
  }

  private void assertNothingMore() throws InterruptedException {
    assertThat(plans.poll(300, TimeUnit.MILLISECONDS)).isNull();
  }
}
