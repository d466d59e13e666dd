package dev.countersign.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.outcome.FailureLimit;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.storage.StorageException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class RetriesTest {

  private static final FaultSettings QUICK =
      new FaultSettings(3, Duration.ofMillis(1), Duration.ofMillis(2), FailureLimit.NONE);

  private final AtomicInteger tries = new AtomicInteger();
  private final AtomicInteger retries = new AtomicInteger();

  @Test
  void run_ofAWriteThatFailsTwice_succeedsAndTellsOfEachRetry() throws Exception {
    String written =
        new Retries(QUICK, Duration.ofMinutes(1)).call(() -> failing(2, true), again());

    assertThat(written).isEqualTo("written");
    assertThat(tries).hasValue(3);
    assertThat(retries).hasValue(2);
  }

  @Test
  void run_ofAWriteThatGoesOnFailing_givesUpAndSaysHowOften() {
    Retries writes = new Retries(QUICK, Duration.ofMinutes(1));

    assertThatThrownBy(() -> writes.call(() -> failing(9, true), again()))
        .isInstanceOfSatisfying(
            ModelFailure.class,
            failure -> {
              assertThat(failure.reason()).isEqualTo(FailureReason.OUTPUT_NOT_WRITABLE);
              assertThat(failure).hasMessage("/m.sig: no answer. Tried 4 times.");
            });
    assertThat(tries).hasValue(4);
  }

  @Test
  void run_ofAWriteThatCannotSucceed_isNotTriedAgain() {
    Retries writes = new Retries(QUICK, Duration.ofMinutes(1));

    assertThatThrownBy(() -> writes.call(() -> failing(9, false), again()))
        .isInstanceOf(ModelFailure.class)
        .hasMessage("/m.sig: no answer.");
    assertThat(tries).hasValue(1);
  }

  @Test
  void run_whenItsTimeIsUp_givesUpThoughRetriesAreLeft() {
    FaultSettings many =
        new FaultSettings(1_000, Duration.ofMillis(20), Duration.ofMillis(20), FailureLimit.NONE);
    Retries writes = new Retries(many, Duration.ofSeconds(2));

    assertThatThrownBy(() -> writes.call(() -> failing(2_000, true), again()))
        .isInstanceOf(ModelFailure.class);
    // A pause takes between 10 and 20 ms, and longer on a busy machine.
    assertThat(tries.get()).isBetween(3, 202);
  }

  @Test
  void run_whileInterrupted_givesUpAndStaysInterrupted() {
    Retries writes = new Retries(FaultSettings.defaults(), Duration.ofMinutes(1));

    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> writes.call(() -> failing(9, true), again()))
        .isInstanceOf(ModelFailure.class);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(tries).hasValue(1);
  }

  private String failing(int times, boolean isTransient) throws StorageException {
    if (tries.incrementAndGet() <= times) {
      throw new StorageException(
          StorageException.Kind.NOT_WRITABLE, "/m.sig", "/m.sig: no answer.", isTransient, null);
    }
    return "written";
  }

  private Runnable again() {
    return retries::incrementAndGet;
  }
}
