package dev.countersign.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.execution.EngineFigures;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RunViewTest {

  @Test
  void line_ofARun_saysHowFarItIs() {
    EngineFigures half = new EngineFigures(10, 5, 3, 1, 2_000_000_000L, 1_000_000_000L, 0);

    assertThat(RunView.line(half, Duration.ofSeconds(10)))
        .isEqualTo("3 of 10 models, 1 failed; 1.0 GB of about 4.0 GB, 100 MB/s, 30 s left");
    assertThat(RunView.line(new EngineFigures(10, 0, 0, 0, 0, 0, 0), Duration.ofSeconds(1)))
        .isEqualTo("0 of 10 models; 0 B, 0 B/s");
    assertThat(RunView.line(new EngineFigures(1, 1, 0, 0, 100, 50, 0), Duration.ofSeconds(1)))
        .isEqualTo("0 of 1 model; 50 B of 100 B, 50 B/s");
  }

  @Test
  void hint_ofARunThatOneFileBounds_namesWhatSpreadsIt() {
    EngineFigures bound = end(425_532_000_000L, 400_000_000_000L);

    assertThat(RunView.hint(bound, 8, true))
        .contains(
            "1 file of 400 GB was 94 % of the bytes, and one thread hashed it."
                + " --serialization shards or --hash-algorithm blake3 would spread it over all"
                + " slots.");
    assertThat(RunView.hint(bound, 2, false).orElseThrow())
        .endsWith(
            "--hash-algorithm blake3 when the model is signed would spread it over all slots.");
  }

  @Test
  void hint_ofARunThatNoFileBounds_isNone() {
    assertThat(RunView.hint(end(400_000_000_000L, 400_000_000_000L), 1, true)).isEmpty();
    assertThat(RunView.hint(end(400_000_000_000L, 74_000_000_000L), 8, true)).isEmpty();
    assertThat(RunView.hint(end(400_000_000_000L, 75_000_000_000L), 8, true)).isPresent();
    assertThat(RunView.hint(end(9_999_999_999L, 9_999_999_999L), 8, true)).isEmpty();
    assertThat(RunView.hint(end(400_000_000_000L, 0), 8, true)).isEmpty();
  }

  @Test
  void hint_ofARunThatDidNotReadItsLargestFile_isNone() {
    assertThat(RunView.hint(end(400_000_000_000L, 400_000_000_000L), 8, true)).isPresent();
    assertThat(RunView.hint(end(399_999_999_999L, 400_000_000_000L), 8, true)).isEmpty();
    assertThat(RunView.hint(end(0, 400_000_000_000L), 8, true)).isEmpty();
  }

  private static EngineFigures end(long bytesHashed, long largestFile) {
    return new EngineFigures(1, 1, 1, 0, bytesHashed, bytesHashed, largestFile);
  }
}
