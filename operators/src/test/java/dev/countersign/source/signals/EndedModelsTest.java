package dev.countersign.source.signals;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Public so that tests of whoever tells can look at what was told. */
public final class EndedModelsTest {

  private static final EndedModel MODEL = new EndedModel(1, "/a", true);

  /** Takes all that a run was told and no reader took. */
  public static List<EndedModel> takeAll(String runId) {
    List<EndedModel> all = new ArrayList<>();
    for (EndedModel next = EndedModels.poll(runId); next != null; next = EndedModels.poll(runId)) {
      all.add(next);
    }
    return all;
  }

  @Test
  void tell_beforeAnybodyListens_waits() {
    List<String> woken = new ArrayList<>();

    EndedModels.begin("waits");
    EndedModels.tell("waits", MODEL);
    EndedModels.listen("waits", this, () -> woken.add("once"));

    assertThat(woken).hasSize(1);
    assertThat(EndedModels.poll("waits")).isEqualTo(MODEL);
    assertThat(EndedModels.poll("waits")).isNull();
    EndedModels.forget("waits", this);
    EndedModels.end("waits");
  }

  @Test
  void end_ofARunThatNobodyListensTo_dropsWhatWaits() {
    EndedModels.begin("ends");
    EndedModels.tell("ends", MODEL);

    EndedModels.end("ends");

    assertThat(EndedModels.poll("ends")).isNull();
  }

  @Test
  void forget_ofAListener_tellsItNothingMore() {
    List<String> woken = new ArrayList<>();
    EndedModels.begin("forgets");
    EndedModels.listen("forgets", this, () -> woken.add("no"));

    EndedModels.forget("forgets", this);
    EndedModels.tell("forgets", MODEL);

    assertThat(woken).isEmpty();
    EndedModels.end("forgets");
  }
}
