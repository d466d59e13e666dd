package dev.countersign.source.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class ReadRateTest {

  private static final long MEBIBYTE = 1 << 20;

  private final AtomicLong now = new AtomicLong(-7);

  @Test
  void reserve_byOneReader_grantsItsShare() {
    ReadRate rate = new ReadRate("run", 10 * MEBIBYTE, now::get).with(1);

    long due = 0;
    for (int i = 0; i < 100; i++) {
      due = rate.reserve(MEBIBYTE);
    }

    assertThat(seconds(due)).isEqualTo(10, within(0.2));
  }

  @Test
  void reserve_byAllReadersOfAProcess_grantsTheirSharesTogether() {
    ReadRate rate = new ReadRate("run", 10 * MEBIBYTE, now::get).with(4);

    long due = 0;
    for (int i = 0; i < 100; i++) {
      due = rate.reserve(MEBIBYTE);
    }

    assertThat(seconds(due)).isEqualTo(2.5, within(0.2));
  }

  @Test
  void reserve_byReadersThatJoinedARun_grantsTheirSharesTogether() {
    try (ReadRate first = ReadRate.join("reserve", 64 * MEBIBYTE, 4);
        ReadRate second = ReadRate.join("reserve", 64 * MEBIBYTE, 4)) {
      long began = System.nanoTime();

      long due = began;
      for (int i = 0; i < 48; i++) {
        due = first.reserve(MEBIBYTE);
        due = second.reserve(MEBIBYTE);
      }

      assertThat(seconds(due - began)).isEqualTo(3, within(0.2));
    }
  }

  @Test
  void reserve_afterAnIdleHour_doesNotCatchUp() {
    ReadRate rate = new ReadRate("run", MEBIBYTE, now::get).with(1);
    now.addAndGet(TimeUnit.HOURS.toNanos(1));

    long due = rate.reserve(10 * MEBIBYTE);

    assertThat(seconds(due - now.get())).isEqualTo(10, within(0.2));
  }

  @Test
  void reserve_withoutALimit_grantsEverything() {
    ReadRate rate = new ReadRate("run", 0, now::get);

    assertThat(rate.reserve(Long.MAX_VALUE)).isEqualTo(now.get());
  }

  /** Two readers of four, three threads each: half of 64 MiB a second, and 5 % more at most. */
  @Test
  void take_bySeveralReadersOfAProcess_isNotFasterThanTheRate() throws Exception {
    List<Thread> threads = new ArrayList<>();
    List<ReadRate> rates = new ArrayList<>();
    long perThread = 16 * MEBIBYTE;
    int part = 64 << 10;
    long began = System.nanoTime();
    for (int reader = 0; reader < 2; reader++) {
      ReadRate rate = ReadRate.join("take", 64 * MEBIBYTE, 4);
      rates.add(rate);
      for (int i = 0; i < 3; i++) {
        Thread thread =
            new Thread(
                () -> {
                  try {
                    for (long read = 0; read < perThread; read += part) {
                      rate.take(part, () -> false);
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
        threads.add(thread);
        thread.start();
      }
    }
    for (Thread thread : threads) {
      thread.join();
    }

    double seconds = (System.nanoTime() - began) / 1e9;
    rates.forEach(ReadRate::close);
    assertThat(6 * perThread / seconds).isLessThan(33.6 * MEBIBYTE);
  }

  @Test
  void take_ofWhatIsCancelled_ends() throws Exception {
    ReadRate rate = ReadRate.join("cancelled", 1, 1);
    AtomicBoolean cancelled = new AtomicBoolean();
    Thread waiting =
        new Thread(
            () -> {
              try {
                rate.take(MEBIBYTE, cancelled::get);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    waiting.start();

    cancelled.set(true);

    waiting.join(45_000);
    assertThat(waiting.isAlive()).isFalse();
    rate.close();
  }

  /** Else a pool would take the work for stalled. */
  @Test
  void take_forLongerThanTheStallTimeout_isNoStall() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    AtomicBoolean stalled = new AtomicBoolean();
    try (GuardedPool<Boolean> pool = new GuardedPool<>("rate", 1, Duration.ofSeconds(1));
        ReadRate rate = ReadRate.join("long", MEBIBYTE, 1)) {
      pool.submit(
          "model",
          () -> {
            try {
              rate.take(3 * MEBIBYTE, () -> false);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            return false;
          },
          () -> true,
          result -> {
            stalled.set(result);
            done.countDown();
          },
          fault -> done.countDown());
      done.await();
    }

    assertThat(stalled).isFalse();
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }
}
