package dev.countersign.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.outcome.ModelFailure;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class WritePermitTest {

  private final AtomicInteger progress = new AtomicInteger();
  private final WritePermit permit = new WritePermit(progress::incrementAndGet);

  @Test
  void withdraw_beforeTheBundleAppears_preventsThat() throws Exception {
    permit.require();

    assertThat(permit.withdraw()).isFalse();

    assertThatThrownBy(permit::require).isInstanceOf(ModelFailure.class);
    assertThatThrownBy(permit::use).isInstanceOf(ModelFailure.class);
    assertThat(permit.awaitUsed(0)).isTrue();
    assertThat(progress).hasValue(3);
  }

  @Test
  void withdraw_whileTheBundleAppears_saysThatItMay() throws Exception {
    permit.use();

    assertThat(permit.withdraw()).isTrue();
    assertThat(permit.awaitUsed(1)).isFalse();
  }

  /** The rename may end between the moment that it is given up and this one. */
  @Test
  void withdraw_afterTheBundleAppeared_saysThatItMay() throws Exception {
    permit.use();
    permit.used();

    assertThat(permit.withdraw()).isTrue();
    assertThat(permit.awaitUsed(0)).isTrue();
  }
}
