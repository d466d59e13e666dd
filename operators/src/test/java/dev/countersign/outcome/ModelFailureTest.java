package dev.countersign.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.FailureReason;
import org.junit.jupiter.api.Test;

final class ModelFailureTest {

  @Test
  void message_ofAnyLength_isBounded() {
    ModelFailure failure = new ModelFailure(FailureReason.UNREADABLE, "m".repeat(10_000_000));

    assertThat(failure.getMessage()).hasSize(8_195).endsWith("m...");
    assertThat(failure.afterTries(2).getMessage()).hasSizeLessThan(9_000);
  }

  @Test
  void afterTries_saysSoOnlyIfThereWereSeveral() {
    ModelFailure failure = new ModelFailure(FailureReason.STALLED, "No byte.");

    assertThat(failure.afterTries(1)).isSameAs(failure);
    assertThat(failure.afterTries(4)).hasMessage("No byte. Tried 4 times.");
    assertThat(failure.afterTries(4).reason()).isEqualTo(FailureReason.STALLED);
  }
}
