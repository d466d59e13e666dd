package dev.countersign.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.execution.EngineFigures;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RunViewTest {

  @Test
  void line_ofARun_saysHowFarItIs() {
    EngineFigures half = new EngineFigures(10, 5, 3, 1, 2_000_000_000L, 1_000_000_000L);

    assertThat(RunView.line(half, Duration.ofSeconds(10)))
        .isEqualTo("3 of 10 models, 1 failed; 1.0 GB of about 4.0 GB, 100 MB/s, 30 s left");
    assertThat(RunView.line(new EngineFigures(10, 0, 0, 0, 0, 0), Duration.ofSeconds(1)))
        .isEqualTo("0 of 10 models; 0 B, 0 B/s");
    assertThat(RunView.line(new EngineFigures(1, 1, 0, 0, 100, 50), Duration.ofSeconds(1)))
        .isEqualTo("0 of 1 model; 50 B of 100 B, 50 B/s");
  }
}
