package dev.countersign.jobs.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class RepetitionTest {

  @Test
  void close_whileATaskTakesTheInterruptForItself_endsTheThread() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    Repetition repetition =
        Repetition.start(
            "test-repetition",
            Duration.ofMillis(1),
            () -> {
              running.countDown();
              try {
                boolean unused = never.await(1, TimeUnit.MINUTES);
              } catch (InterruptedException e) {
                // As some clients of file systems do.
              }
            });
    running.await();

    repetition.close();

    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("test-repetition");
  }
}
