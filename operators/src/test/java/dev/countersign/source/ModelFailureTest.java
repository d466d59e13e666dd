package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.FailureReason;
import dev.countersign.storage.StorageException;
import org.junit.jupiter.api.Test;

final class ModelFailureTest {

  @Test
  void message_ofAnyLength_isBounded() {
    ModelFailure failure = new ModelFailure(FailureReason.UNREADABLE, "m".repeat(10_000_000));

    assertThat(failure.getMessage()).hasSize(8_195).endsWith("m...");
    assertThat(failure.afterTries(2).getMessage()).hasSizeLessThan(9_000);
  }

  @Test
  void of_aStorageFault_knowsWhetherItMayPass() {
    StorageException passing =
        new StorageException(StorageException.Kind.UNREADABLE, "u", "Busy.", true, null);
    StorageException lasting = new StorageException(StorageException.Kind.NAME, "u", "Odd.");

    assertThat(ModelFailure.of(passing).mayPass()).isTrue();
    assertThat(ModelFailure.of(lasting).mayPass()).isFalse();
  }

  @Test
  void of_anError_isAFailureOfTheModel() {
    assertThat(ModelFailure.of("/m", new OutOfMemoryError("heap")).reason())
        .isEqualTo(FailureReason.LIMIT_EXCEEDED);
    assertThat(ModelFailure.of("/m", new NoClassDefFoundError("a/b")))
        .hasMessageContaining("NoClassDefFoundError: a/b")
        .hasMessageContaining("report");
    assertThat(ModelFailure.of("/m", new IllegalStateException("a\u001b[2Jb")).getMessage())
        .contains("a\\u001b[2Jb");
  }

  @Test
  void afterTries_saysSoOnlyIfThereWereSeveral() {
    ModelFailure failure = new ModelFailure(FailureReason.STALLED, "No byte.");

    assertThat(failure.afterTries(1)).isSameAs(failure);
    assertThat(failure.afterTries(4)).hasMessage("No byte. Tried 4 times.");
    assertThat(failure.afterTries(4).reason()).isEqualTo(FailureReason.STALLED);
  }
}
