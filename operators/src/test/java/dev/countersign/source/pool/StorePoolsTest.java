package dev.countersign.source.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class StorePoolsTest {

  private final CountDownLatch released = new CountDownLatch(1);
  private final AtomicInteger atWork = new AtomicInteger();
  private final BlockingQueue<String> done = new LinkedBlockingQueue<>();

  @AfterEach
  void release() {
    released.countDown();
  }

  @Test
  void submit_ofModelsOnALocalDisk_worksOnFewAtOnce() throws Exception {
    try (StorePools<String> pools = pools(0)) {
      submit(pools, "/lake/model", 20);

      await(StorePools.LOCAL_DEPTH);
      Thread.sleep(200);
      assertThat(atWork).hasValue(StorePools.LOCAL_DEPTH);
      released.countDown();
      assertDone(20);
    }
  }

  @Test
  void submit_ofModelsInAnotherStore_worksOnManyAtOnce() throws Exception {
    try (StorePools<String> pools = pools(0)) {
      submit(pools, "hdfs://namenode/lake/model", StorePools.REMOTE_DEPTH);

      await(StorePools.REMOTE_DEPTH);
      released.countDown();
      assertDone(StorePools.REMOTE_DEPTH);
    }
  }

  @Test
  void submit_withADepthThatIsSet_worksOnSoManyInEachStore() throws Exception {
    try (StorePools<String> pools = pools(7)) {
      submit(pools, "/lake/model", 10);
      submit(pools, "hdfs://namenode/lake/model", 10);

      await(14);
      Thread.sleep(200);
      assertThat(atWork).hasValue(14);
      released.countDown();
      assertDone(20);
    }
  }

  @Test
  void submit_ofFewModels_startsNoMoreThreadsThanThat() throws Exception {
    try (StorePools<String> pools = new StorePools<>("few-models", 0, Duration.ofMinutes(5))) {
      released.countDown();
      submit(pools, "hdfs://namenode/lake/model", 3);
      assertDone(3);

      assertThat(Thread.getAllStackTraces().keySet())
          .extracting(Thread::getName)
          .filteredOn(name -> name.startsWith("few-models-") && !name.contains("watchdog"))
          .hasSizeBetween(1, 3);
    }
  }

  private static StorePools<String> pools(int depth) {
    return new StorePools<>("test-store", depth, Duration.ofMinutes(5));
  }

  private void submit(StorePools<String> pools, String model, int count) {
    for (int i = 0; i < count; i++) {
      String uri = model + i;
      pools.submit(uri, () -> work(uri), () -> "stalled", done::add, fault -> done.add("broken"));
    }
  }

  private String work(String uri) {
    int unused = atWork.incrementAndGet();
    try {
      released.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return uri;
  }

  private void await(int count) throws InterruptedException {
    while (atWork.get() < count) {
      Thread.sleep(5);
    }
  }

  private void assertDone(int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      assertThat(done.poll(45, TimeUnit.SECONDS)).contains("/lake/model");
    }
  }
}
