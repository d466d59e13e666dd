package dev.countersign.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StoreCallTest {

  private final AtomicInteger calls = new AtomicInteger();

  @Test
  void fault_thatPasses_isOvercome() throws Exception {
    String result =
        StoreCall.patiently(
            () -> {
              if (calls.incrementAndGet() < 3) {
                throw fault(true);
              }
              return "fine";
            });

    assertThat(result).isEqualTo("fine");
    assertThat(calls).hasValue(3);
  }

  @Test
  void fault_thatMayPassAndDoesNot_isThrownInTheEnd() {
    StorageException fault = fault(true);

    assertThatThrownBy(() -> StoreCall.patiently(() -> fail(fault))).isSameAs(fault);
    assertThat(calls).hasValue(StoreCall.ATTEMPTS);
  }

  @Test
  void fault_thatLasts_isThrownAtOnce() {
    StorageException fault = fault(false);

    assertThatThrownBy(() -> StoreCall.patiently(() -> fail(fault))).isSameAs(fault);
    assertThat(calls).hasValue(1);
  }

  @Test
  void interrupt_endsTheCall() {
    StorageException fault = fault(true);
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> StoreCall.patiently(() -> fail(fault))).isSameAs(fault);
    assertThat(calls).hasValue(1);
    assertThat(Thread.interrupted()).isTrue();
  }

  private String fail(StorageException fault) throws StorageException {
    calls.incrementAndGet();
    throw fault;
  }

  private static StorageException fault(boolean isTransient) {
    return new StorageException(
        StorageException.Kind.UNREADABLE, "s3a://b/k", "busy", isTransient, null);
  }
}
