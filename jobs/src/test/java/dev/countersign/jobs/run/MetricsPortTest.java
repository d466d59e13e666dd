package dev.countersign.jobs.run;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.options.Command;
import dev.countersign.options.UsageException;
import dev.countersign.options.settings.ConfigEntries;
import dev.countersign.options.settings.OptionValues;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MetricsPortTest {

  @Test
  void port_onACluster_isRefusedWithAHint() {
    OptionValues asked = values(Map.of("metrics-port", List.of("9249")));
    OptionValues none = values(Map.of());

    assertThatThrownBy(() -> MetricsPort.refuse(asked))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("--metrics-port is for runs in this process.")
        .hasMessageContaining("set metrics.reporters in Flink's configuration");
    assertThatCode(() -> MetricsPort.refuse(none)).doesNotThrowAnyException();
  }

  @Test
  void port_thatIsNone_isRefused() {
    assertThatThrownBy(() -> values(Map.of("metrics-port", List.of("65536"))))
        .hasMessage("--metrics-port is '65536', but must be a port from 0 to 65535.");
  }

  private static OptionValues values(Map<String, List<String>> flags) {
    return OptionValues.resolve(Command.DIGEST, flags, Map.of(), ConfigEntries.NONE);
  }
}
