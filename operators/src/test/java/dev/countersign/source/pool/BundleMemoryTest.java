package dev.countersign.source.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BundleMemoryTest {

  private static final long MIB = 1L << 20;

  @ParameterizedTest
  @ValueSource(longs = {3 * MIB + MIB, 512 * MIB, Long.MAX_VALUE / 3, Long.MAX_VALUE})
  void take_forABundleThatNeverFits_isALimit(long length) {
    BundleMemory memory = new BundleMemory(10 * MIB);

    assertThatThrownBy(() -> memory.take("m/model\u001b.sig", length))
        .isInstanceOf(ModelFailure.class)
        .hasMessage(
            "m/model\\u001b.sig has "
                + length
                + " bytes, and checking a bundle takes about 3 times its length, more than the 10"
                + " MiB that this process has for it. Give it a larger heap, if the bundle is worth"
                + " it.")
        .extracting(thrown -> ((ModelFailure) thrown).reason())
        .isEqualTo(FailureReason.LIMIT_EXCEEDED);
  }

  @Test
  void take_forSmallBundles_letsManyGoAtOnce() throws ModelFailure {
    BundleMemory memory = new BundleMemory(10 * MIB);

    int held = 0;
    for (int i = 0; i < 10; i++) {
      BundleMemory.Taken unused = memory.take("small", 1000);
      held++;
    }

    assertThat(held).isEqualTo(10);
  }

  @Test
  void take_whenOthersHoldTooMuch_waitsForThem() throws Exception {
    BundleMemory memory = new BundleMemory(10 * MIB);
    AtomicBoolean given = new AtomicBoolean();
    AtomicBoolean tookAfterwards = new AtomicBoolean();
    CountDownLatch started = new CountDownLatch(1);
    BundleMemory.Taken first = memory.take("first", 2 * MIB);
    Thread second =
        new Thread(
            () -> {
              started.countDown();
              try (BundleMemory.Taken taken = memory.take("second", 2 * MIB)) {
                tookAfterwards.set(taken != null && given.get());
              } catch (ModelFailure e) {
                throw new AssertionError(e);
              }
            });

    second.start();
    assertThat(started.await(1, TimeUnit.MINUTES)).as("the other thread runs").isTrue();
    given.set(true);
    first.close();
    second.join();

    assertThat(tookAfterwards).as("took once the first had given back").isTrue();
  }
}
