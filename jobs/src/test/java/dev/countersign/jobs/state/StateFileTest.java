package dev.countersign.jobs.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.options.UsageException;
import dev.countersign.source.checkpoint.CommandFingerprint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StateFileTest {

  private static final String GOOD =
      "{\"version\":1,\"runId\":\"r-1\",\"started\":\"2026-01-01T00:00:00Z\",\"attempt\":1,"
          + "\"parallelism\":2,\"models\":3,\"command\":{\"a\":\"b\"}}";

  @TempDir Path folder;
  private StateFile file;

  @BeforeEach
  void setUp() {
    file = new StateFile(folder);
  }

  @Test
  void read_givesWhatWasWritten() throws Exception {
    TreeMap<String, String> parts = new TreeMap<>();
    parts.put("--hash-algorithm", "sha256");
    parts.put("the models", "3, \u001b\"");
    SavedRun run =
        new SavedRun(
            "20260101-000000-0badcafe",
            Instant.parse("2026-01-01T00:00:00.123Z"),
            1,
            4,
            2,
            3,
            new CommandFingerprint(parts),
            Optional.empty());

    file.write(run);
    Optional<SavedRun> first = file.read();
    SavedRun ended = run.again(8).ended(Instant.parse("2026-01-02T00:00:00Z"), 1);
    file.write(ended);
    Optional<SavedRun> second = file.read();

    assertThat(first).contains(run);
    assertThat(second).contains(ended);
    assertThat(ended.attempt()).isEqualTo(2);
    assertThat(ended.parallelism()).isEqualTo(8);
    assertThat(folder).isDirectoryNotContaining("glob:**/.state*");
  }

  @Test
  void read_whereNothingIs_isEmpty() throws Exception {
    assertThat(file.read()).isEmpty();
  }

  @Test
  void read_ofTheVersionOfToday_isKept() throws Exception {
    Files.writeString(folder.resolve("state.json"), GOOD);

    assertThat(file.read()).isPresent();
  }

  @Test
  void read_ofAnotherVersion_saysWhatKnowsIt() throws Exception {
    Files.writeString(folder.resolve("state.json"), "{\"version\": 7, \"new\": [{}]}");

    assertThatThrownBy(file::read)
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("has version 7, and this release knows version 1. Go on with the")
        .hasMessageContaining("release that wrote it");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "{\"runId\":\"r-1\"}",
        "{\"version\":\"1\"}",
        "{\"version\":1}",
        "{\"version\":99999999999999999999}",
        "{\"version\":1,\"runId\":\"../../etc\",\"started\":\"2026-01-01T00:00:00Z\","
            + "\"attempt\":1,\"parallelism\":2,\"models\":3,\"command\":{}}",
        "{\"version\":1,\"runId\":\"r-1\",\"started\":\"yesterday\"}",
        "{\"version\":1,\"runId\":\"r-1\",\"started\":\"2026-01-01T00:00:00Z\",\"attempt\":0,"
            + "\"parallelism\":2,\"models\":3,\"command\":{}}",
        "{\"version\":1,\"attempt\":-1}",
        "{\"version\":1,\"attempt\":1e9}",
        "{\"version\":1,\"command\":[]}",
        "{\"version\":1,\"command\":{\"a\":{}}}",
        "{\"version\":1,\"finished\":{\"at\":\"2026-01-01T00:00:00Z\"}}",
        "{\"version\":1,\"else\":1}"
      })
  void read_ofWhatIsNoState_saysThatItIsDamaged(String text) throws Exception {
    Files.writeString(folder.resolve("state.json"), text);

    assertThatThrownBy(file::read)
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("state.json is damaged: ")
        .hasMessageContaining("start anew with another folder");
  }

  @Test
  void read_ofEachPrefix_saysThatItIsDamaged() throws Exception {
    for (int length = 0; length < GOOD.length(); length++) {
      Files.writeString(folder.resolve("state.json"), GOOD.substring(0, length));

      assertThatThrownBy(file::read).isInstanceOf(UsageException.class);
    }
    Files.writeString(folder.resolve("state.json"), GOOD + "x");
    assertThatThrownBy(file::read).isInstanceOf(UsageException.class);
  }

  @Test
  void read_ofTooMuch_isBounded() throws Exception {
    Files.writeString(folder.resolve("state.json"), " ".repeat((4 << 20) + 1));

    assertThatThrownBy(file::read)
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("longer than 4 MiB");
  }
}
