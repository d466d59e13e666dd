package dev.countersign.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.results.ClosedRun;
import dev.countersign.jobs.results.UnreadFile;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ReportTotalsTest {

  private final ReportTotals totals = new ReportTotals();

  @Test
  void results_ofSeveralRuns_countEach() {
    totals.add(HostileResults.plain("/lake/a", Outcome.FAILED).build());
    totals.add(HostileResults.plain("/lake/a", Outcome.SIGNED).setRunId("run-two").build());

    assertThat(totals.models()).isEqualTo(2);
    assertThat(totals.runs()).extracting(RunTotals::runId).containsExactly("run-one", "run-two");
    assertThat(totals.runs()).extracting(RunTotals::failed).containsExactly(1L, 0L);
  }

  @Test
  void runs_beyondTheBound_countTogether() {
    for (int i = 0; i < 600; i++) {
      totals.add(HostileResults.plain("/lake/a", Outcome.SIGNED).setRunId("r" + i).build());
    }

    assertThat(totals.runs()).hasSize(501);
    assertThat(totals.runs().get(500).models()).isEqualTo(100);
    assertThat(totals.models()).isEqualTo(600);
  }

  @Test
  void run_withARecordOfMoreResults_isNotComplete() {
    totals.add(HostileResults.plain("/lake/a", Outcome.SIGNED).build());

    assertThat(Phrases.completeness(totals.runs().get(0))).isEqualTo("no record");
    totals.close(new ClosedRun("run-one", "sign", "", "", 2, "", List.of()));
    assertThat(Phrases.completeness(totals.runs().get(0))).isEqualTo("1 of 2 results");
  }

  @Test
  void run_withARecord_tookFromItsStartToItsLastResult() {
    totals.add(HostileResults.plain("/lake/a", Outcome.SIGNED).build());
    totals.add(HostileResults.plain("/lake/b", Outcome.SIGNED).setRunId("run-two").build());
    RunTotals run = totals.runs().get(0);

    assertThat(run.millis()).isEqualTo(2_000);
    for (String senseless :
        List.of("", "yesterday", "2026-03-01T12:00:01Z", "-999999999-01-01T00:00:00Z")) {
      totals.close(new ClosedRun("run-one", "sign", senseless, "", 1, "", List.of()));
      assertThat(run.millis()).as(senseless).isEqualTo(2_000);
    }
    totals.close(
        new ClosedRun("run-one", "sign", "2026-03-01T11:59:58.500Z", "", 1, "", List.of()));
    assertThat(run.millis()).isEqualTo(3_500);
    assertThat(totals.started()).isEqualTo(Instant.parse("2026-03-01T11:59:58.500Z"));
    assertThat(totals.runMillis()).isEqualTo(5_500);
  }

  @Test
  void places_thatCannotBeRead_areListedUpToABound() {
    for (int i = 0; i < 103; i++) {
      totals.addUnread(new UnreadFile("p" + i, "m" + i));
    }

    assertThat(totals.unread()).hasSize(101);
    assertThat(totals.unread().get(100).message()).isEqualTo("3 more could not be read.");
  }

  @Test
  void sums_ofHostileNumbers_stopAtTheGreatest() {
    totals.add(HostileResults.plain("/a", Outcome.SIGNED).setBytes(Long.MAX_VALUE).build());
    totals.add(HostileResults.plain("/b", Outcome.SIGNED).setBytes(5).setFiles(-3).build());

    assertThat(totals.all().bytes()).isEqualTo(Long.MAX_VALUE);
    assertThat(totals.all().files()).isZero();
  }

  @Test
  void signers_ofFailedModels_areNotCounted() {
    totals.add(signed("/a", Outcome.VERIFIED));
    totals.add(signed("/b", Outcome.FAILED));

    assertThat(totals.signers().ranked())
        .containsExactly(new SignerCounts.Signer("key", "abc", "", 1));
  }

  @Test
  void ranking_ofModels_keepsTheGreatestInOrder() {
    for (int i = 1; i <= 50; i++) {
      totals.add(HostileResults.plain("/m" + i, Outcome.SIGNED).setBytes(i * 37 % 51).build());
    }

    assertThat(totals.largest())
        .extracting(ReportTotals.RankedModel::bytes)
        .containsExactly(50L, 49L, 48L, 47L, 46L, 45L, 44L, 43L, 42L, 41L);
  }

  @Test
  void weakenedChecksAndLabels_areCounted() {
    totals.add(
        HostileResults.plain("/a", Outcome.VERIFIED)
            .setWeakened(List.of("crl", "crl", "ignore-paths"))
            .setLabels(Map.of("team", "x"))
            .setReused(true)
            .setAttempt(2)
            .build());

    assertThat(totals.weakenedModels()).isEqualTo(1);
    assertThat(totals.weakened())
        .containsExactly(Map.entry("crl", 1L), Map.entry("ignore-paths", 1L));
    assertThat(totals.labels()).containsExactly("team=x");
    assertThat(totals.reused()).isEqualTo(1);
    assertThat(totals.repeated()).isEqualTo(1);
  }

  @Test
  void timeline_ofAnyLength_hasFewStepsAndAllModels() {
    Timeline timeline = new Timeline();
    for (int hour = 0; hour < 24 * 30; hour++) {
      timeline.add(at(HostileResults.START.plus(Duration.ofHours(hour))));
    }

    assertThat(timeline.length()).isEqualTo(Duration.ofHours(6));
    assertThat(timeline.steps()).hasSizeLessThanOrEqualTo(Timeline.MAX_STEPS);
    assertThat(timeline.steps().stream().mapToLong(Timeline.Step::models).sum()).isEqualTo(720);
  }

  @Test
  void timeline_ofHostileTimes_hasFewSteps() {
    Timeline timeline = new Timeline();
    timeline.add(at(Instant.ofEpochMilli(Long.MAX_VALUE)));
    timeline.add(at(Instant.ofEpochMilli(1)));
    timeline.add(at(Instant.EPOCH));
    timeline.add(at(Instant.ofEpochMilli(Long.MIN_VALUE)));

    assertThat(timeline.steps()).hasSizeLessThanOrEqualTo(Timeline.MAX_STEPS);
    assertThat(timeline.steps().stream().mapToLong(Timeline.Step::models).sum()).isEqualTo(2);
  }

  private static ModelResult at(Instant finished) {
    return HostileResults.plain("/a", Outcome.SIGNED).setFinished(finished).build();
  }

  private static ModelResult signed(String model, Outcome outcome) {
    return HostileResults.plain(model, outcome).setSignatureMethod("key").setSigner("abc").build();
  }
}
