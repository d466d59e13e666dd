package dev.countersign.oms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Asserts that input is refused in the one way it may be. */
final class OmsAssertions {

  private OmsAssertions() {}

  /** Asserts kind and message, and that nothing but an {@link OmsException} escapes. */
  static void assertRefused(ThrowingCallable call, OmsException.Kind kind, String messagePart) {
    Throwable thrown = catchThrowable(call);

    assertThat(thrown).as("what escapes").isInstanceOf(OmsException.class);
    assertThat(thrown).hasMessageContaining(messagePart);
    assertThat(((OmsException) thrown).kind()).as(thrown.getMessage()).isEqualTo(kind);
    assertThat(thrown.getMessage()).as("fit for a terminal").doesNotContainPattern("\\p{Cntrl}");
    assertThat(thrown.getMessage()).as("words of ours").doesNotContain("[Source");
  }
}
