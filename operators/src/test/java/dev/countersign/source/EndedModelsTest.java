package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Public so that tests of whoever tells can look at what was told. */
public final class FailedModelsTest {

  private static final FailedModel MODEL = new FailedModel(1, "/a");

  /** Takes all that a run was told and no reader took. */
  public static List<FailedModel> takeAll(String runId) {
    List<FailedModel> all = new ArrayList<>();
    for (FailedModel next = FailedModels.poll(runId);
        next != null;
        next = FailedModels.poll(runId)) {
      all.add(next);
    }
    return all;
  }

  @Test
  void tell_beforeAnybodyListens_waits() {
    List<String> woken = new ArrayList<>();

    FailedModels.begin("waits");
    FailedModels.tell("waits", MODEL);
    FailedModels.listen("waits", this, () -> woken.add("once"));

    assertThat(woken).hasSize(1);
    assertThat(FailedModels.poll("waits")).isEqualTo(MODEL);
    assertThat(FailedModels.poll("waits")).isNull();
    FailedModels.forget("waits", this);
    FailedModels.end("waits");
  }

  @Test
  void end_ofARunThatNobodyListensTo_dropsWhatWaits() {
    FailedModels.begin("ends");
    FailedModels.tell("ends", MODEL);

    FailedModels.end("ends");

    assertThat(FailedModels.poll("ends")).isNull();
  }

  @Test
  void forget_ofAListener_tellsItNothingMore() {
    List<String> woken = new ArrayList<>();
    FailedModels.begin("forgets");
    FailedModels.listen("forgets", this, () -> woken.add("no"));

    FailedModels.forget("forgets", this);
    FailedModels.tell("forgets", MODEL);

    assertThat(woken).isEmpty();
    FailedModels.end("forgets");
  }
}
