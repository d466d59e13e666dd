package dev.countersign.source.signals;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.source.signals.ReaderEvent.EndedModel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Public so that tests of whoever tells can look at what was told. */
public final class RunSignalsTest {

  private static final EndedModel MODEL = new EndedModel(1, "/a", true);

  /** Takes all that a run was told and no reader took. */
  public static List<EndedModel> takeAll(String runId) {
    List<EndedModel> all = new ArrayList<>();
    for (EndedModel next = RunSignals.poll(runId); next != null; next = RunSignals.poll(runId)) {
      all.add(next);
    }
    return all;
  }

  @Test
  void tell_beforeAnybodyListens_waits() {
    List<String> woken = new ArrayList<>();

    RunSignals.begin("waits");
    RunSignals.tell("waits", MODEL);
    RunSignals.listen("waits", this, () -> woken.add("once"));

    assertThat(woken).hasSize(1);
    assertThat(RunSignals.poll("waits")).isEqualTo(MODEL);
    assertThat(RunSignals.poll("waits")).isNull();
    RunSignals.forget("waits", this);
    RunSignals.end("waits");
  }

  @Test
  void end_ofARunThatNobodyListensTo_dropsWhatWaits() {
    RunSignals.begin("ends");
    RunSignals.tell("ends", MODEL);

    RunSignals.end("ends");

    assertThat(RunSignals.poll("ends")).isNull();
  }

  @Test
  void forget_ofAListener_tellsItNothingMore() {
    List<String> woken = new ArrayList<>();
    RunSignals.begin("forgets");
    RunSignals.listen("forgets", this, () -> woken.add("no"));

    RunSignals.forget("forgets", this);
    RunSignals.tell("forgets", MODEL);

    assertThat(woken).isEmpty();
    RunSignals.end("forgets");
  }
}
