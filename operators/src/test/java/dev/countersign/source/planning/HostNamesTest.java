package dev.countersign.source.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HostNamesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CON",
        "nul",
        "sub/Aux/weights.bin",
        "COM1.txt",
        "lpt9.tar.gz",
        "COM\u00B9",
        "PRN .txt",
        "conin$",
        "CLOCK$"
      })
  void demand_ofADeviceOnWindows_isRefused(String name) {
    assertRefused(name, "has a segment that is a device on Windows");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.", "a ", "sub./file", "...", "sub /file"})
  void demand_ofATrailingDotOrSpaceOnWindows_isRefused(String name) {
    assertRefused(name, "has a segment that ends in a dot or a space, which Windows drops");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"..\\up", "C:", "c:\\windows", "file:stream", "sub/a*", "a?", "a\u0007b", "<a>"})
  void demand_ofACharacterThatWindowsTakesOtherwise_isRefused(String name) {
    assertRefused(name, "holds a character that Windows does not take for part of a name");
  }

  @ParameterizedTest
  @ValueSource(strings = {"CON", "a.", "..\\up", "file:stream", "a?"})
  void demand_ofSuchNamesElsewhere_passes(String name) {
    assertThatCode(() -> HostNames.require("/model", Stream.of(name), false))
        .doesNotThrowAnyException();
    assertThatCode(() -> HostNames.require("/model", Stream.of(name))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "console",
        "COM",
        "COM10",
        "nul1",
        "a.con",
        ".hidden",
        "sub/.git",
        "a b",
        "r\u00E9sum\u00E9"
      })
  void demand_ofOrdinaryNamesOnWindows_passes(String name) {
    assertThatCode(() -> HostNames.require("/model", Stream.of(name), true))
        .doesNotThrowAnyException();
  }

  private static void assertRefused(String name, String fault) {
    ModelFailure failure =
        catchThrowableOfType(
            ModelFailure.class, () -> HostNames.require("/model", Stream.of("fine", name), true));

    assertThat(failure).as("a ModelFailure").isNotNull();
    assertThat(failure.reason()).isEqualTo(FailureReason.BAD_NAME);
    assertThat(failure).hasMessageContaining(fault).hasMessageContaining(" of /model ");
  }
}
