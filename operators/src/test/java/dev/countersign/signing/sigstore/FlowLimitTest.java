package dev.countersign.signing.sigstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.signing.SigningLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bounds on what a process asks of services at a time. */
@Timeout(120)
final class FlowLimitTest {

  private final ExecutorService callers = Executors.newFixedThreadPool(32);

  @AfterEach
  void close() {
    callers.shutdownNow();
  }

  @ParameterizedTest
  @CsvSource({"128, 1", "128, 3", "128, 64", "7, 7", "10, 4"})
  void shares_ofAllWorkers_addUpToTheRunsLimits(int concurrency, int workers) {
    SigningLimits run = new SigningLimits(concurrency, 50);

    List<SigningLimits> shares =
        IntStream.range(0, workers).mapToObj(worker -> run.share(worker, workers)).toList();

    assertThat(shares.stream().mapToInt(SigningLimits::concurrency).sum()).isEqualTo(concurrency);
    assertThat(shares.stream().mapToDouble(SigningLimits::rate).sum()).isBetween(49.9, 50.1);
  }

  @Test
  void signatures_inProgress_areNeverMoreThanTheSharesOfAllSigners() throws Exception {
    FlowLimit flow = new FlowLimit();
    flow.join(new SigningLimits(2, 0));
    flow.join(new SigningLimits(3, 0));
    assertThat(mostAtOnce(flow, 5)).isEqualTo(5);

    flow.leave(new SigningLimits(3, 0));

    assertThat(mostAtOnce(flow, 2)).isEqualTo(2);
  }

  @Test
  void signatures_startNoFasterThanTheRate() throws Exception {
    FlowLimit flow = new FlowLimit();
    flow.join(new SigningLimits(32, 10));
    flow.join(new SigningLimits(32, 10));
    long began = System.nanoTime();

    int unused = mostAtOnce(flow, 1);

    // 64 signatures at 20 a second.
    assertThat(System.nanoTime() - began)
        .isBetween(TimeUnit.MILLISECONDS.toNanos(3_100), TimeUnit.SECONDS.toNanos(45));
  }

  /** Has 64 signatures made, the first of which end when {@code expected} are in progress. */
  private int mostAtOnce(FlowLimit flow, int expected) throws Exception {
    CountDownLatch together = new CountDownLatch(expected);
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Future<?>> pending = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      pending.add(
          callers.submit(
              () -> {
                flow.acquire();
                try {
                  most.accumulateAndGet(now.incrementAndGet(), Math::max);
                  together.countDown();
                  together.await();
                  Thread.sleep(20);
                } finally {
                  now.decrementAndGet();
                  flow.release();
                }
                return null;
              }));
    }
    for (Future<?> each : pending) {
      each.get();
    }
    return most.get();
  }
}
