package dev.countersign.jobs.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProgressTest {

  private static final Instant LAST = Instant.parse("2026-03-01T12:00:00Z");

  @Test
  void progress_onATerminal_isErasedBeforeAnythingElse() throws InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console = console(out, err, true);
    CountDownLatch drawn = new CountDownLatch(3);

    try (ProgressLine line =
        ProgressLine.show(
            console,
            elapsed -> {
              drawn.countDown();
              return "3 of 10 models";
            },
            Duration.ofMillis(1))) {
      assertThat(drawn.await(60, TimeUnit.SECONDS)).isTrue();
    }
    console.say("done");

    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("\r\u001b[K3 of 10 models")
        .endsWith("\r\u001b[Kdone" + System.lineSeparator());
    assertThat(out.size()).isZero();
  }

  @Test
  void progress_elsewhere_isLines() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console = console(new ByteArrayOutputStream(), err, false);

    console.progress("one");
    console.hideProgress();
    console.progress("two");

    assertThat(err.toString(StandardCharsets.UTF_8).lines()).containsExactly("one", "two");
  }

  @Test
  void summary_ofResults_countsOutcomesAndBytes() {
    RunTally tally = new RunTally();
    tally.add(result(Outcome.VERIFIED, 1_500_000, 3));
    tally.add(result(Outcome.FAILED, 500_000, 1));

    assertThat(tally.summary(LAST.minusSeconds(2), LAST.plusSeconds(3)))
        .isEqualTo("2 models: 1 verified, 1 failed; 2.0 MB in 4 files, 2.0 s, 1.0 MB/s");
    assertThat(tally.failed()).isEqualTo(1);
  }

  @Test
  void summary_ofModelsInAnObjectStore_countsRequests() {
    RunTally tally = new RunTally();
    ModelResult signed = result(Outcome.SIGNED, 1_500_000, 3);
    signed.setRequests(Map.of("LIST", 2L, "GET", 3L, "PUT", 1L));
    ModelResult failed = result(Outcome.FAILED, 0, 0);
    failed.setRequests(Map.of("LIST", 1L));
    tally.add(signed);
    tally.add(failed);

    assertThat(tally.counts())
        .isEqualTo("2 models: 1 signed, 1 failed; 1.5 MB in 3 files, 7 requests");
  }

  @Test
  void summary_whenClocksDisagree_takesThisOne() {
    RunTally tally = new RunTally();
    tally.add(result(Outcome.SIGNED, 1_000, 1));

    assertThat(tally.summary(LAST.plusSeconds(1), LAST.plusSeconds(5)))
        .endsWith(", 4.0 s, 250 B/s");
    assertThat(tally.summary(LAST.minusSeconds(5), LAST.minusSeconds(1)))
        .endsWith(", 4.0 s, 250 B/s");
  }

  @Test
  void summary_whenNothingWasRead_hasNoRate() {
    RunTally tally = new RunTally();
    tally.add(result(Outcome.FAILED, 0, 0));

    assertThat(tally.summary(LAST.minusSeconds(2), LAST))
        .isEqualTo("1 model: 1 failed; no files read, 2.0 s");
    assertThat(new RunTally().summary(LAST, LAST))
        .isEqualTo("0 models: no result; no files read, 0.0 s");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "999, 999 B",
    "1000, 1.0 kB",
    "99949, 99.9 kB",
    "100000, 100 kB",
    "999949, 1000 kB",
    "999950, 1.0 MB",
    "1234567890123, 1.2 TB",
    "9223372036854775807, 9.2 EB",
  })
  void bytes_ofAnyAmount_haveOneUnit(long bytes, String shown) {
    assertThat(Figures.bytes(bytes)).isEqualTo(shown);
  }

  @ParameterizedTest
  @CsvSource({
    "1234, 1.2 s",
    "59999, 59 s",
    "60000, 1 min 0 s",
    "3599000, 59 min 59 s",
    "7500000, 2 h 5 min",
  })
  void time_ofAnyLength_hasTwoUnitsAtMost(long millis, String shown) {
    assertThat(Figures.time(Duration.ofMillis(millis))).isEqualTo(shown);
  }

  private static Console console(
      ByteArrayOutputStream out, ByteArrayOutputStream err, boolean interactive) {
    return new Console(
        new PrintStream(out, false, StandardCharsets.UTF_8),
        new PrintStream(err, false, StandardCharsets.UTF_8),
        interactive);
  }

  private static ModelResult result(Outcome outcome, long bytes, long files) {
    return ModelResult.newBuilder()
        .setOutcome(outcome)
        .setBytes(bytes)
        .setFiles(files)
        .setFinished(LAST)
        .build();
  }
}
