package dev.countersign.source.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.source.signals.RunSession;
import dev.countersign.source.units.UnitId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a job manager leaves about its plans for the one that takes its place. */
final class SharedPlansTest {

  private static final List<String> LINES = List.of("a\n", "b\n");

  @TempDir Path folder;

  @Test
  void read_afterTheFirstProcess_findsNoLine() throws Exception {
    plans().require("a\n", () -> LINES);

    assertThat(files()).hasSize(1);
    assertThat(plans().read()).isEmpty();
  }

  @Test
  void require_afterAnotherProcess_writesOnceForAllThatWait() throws Exception {
    SharedPlans next = second();

    next.require("a\n", () -> LINES);
    next.require("b\n", () -> List.of("another\n"));

    assertThat(plans().read()).containsExactly("a", "b");
  }

  @Test
  void read_ofAFileThatIsCutOff_findsWhatWasWrittenBefore() throws Exception {
    SharedPlans next = second();
    next.require("a\n", () -> LINES);
    next.require("c\n", () -> List.of("c\n"));
    Path newest = newest();
    String whole = Files.readString(newest);

    for (int length = 0; length < whole.length(); length++) {
      Files.writeString(newest, whole.substring(0, length));
      assertThat(plans().read()).as("cut off at %d", length).containsExactly("a", "b");
    }
    Files.writeString(newest, whole);
    assertThat(plans().read()).containsExactly("c");
  }

  @Test
  void require_inAFolderThatCannotBeWritten_goesOn() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    SharedPlans plans = new SharedPlans(file.toString(), "session");

    plans.require("a\n", () -> LINES);

    assertThat(new SharedPlans(file.toString(), "session").read()).isEmpty();
  }

  @Test
  void close_ofAJournalThatPlansNothing_deletesTheFiles() throws Exception {
    RunSession session = new RunSession("session").sharing(folder.toString());
    UnitId plan = new UnitId(7, 1, UnitId.PLAN);
    UnitJournal journal = UnitJournal.of(folder.toString(), session);
    journal.planBegins(plan, "plan", "process");
    journal.close();
    assertThat(files()).as("while it plans").hasSize(1);

    UnitJournal next = UnitJournal.of(folder.toString(), session);
    next.finished(plan);
    next.close();

    assertThat(files()).isEmpty();
  }

  /** Those of a process that has taken the place of another. */
  private SharedPlans second() {
    plans().require("a\n", () -> LINES);
    SharedPlans next = plans();
    assertThat(next.read()).isEmpty();
    return next;
  }

  private SharedPlans plans() {
    return new SharedPlans(folder.toString(), "session");
  }

  private Path newest() throws IOException {
    for (Path file : files()) {
      if (Files.readString(file).startsWith("3 ")) {
        return file;
      }
    }
    throw new AssertionError("no third write in " + files());
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return new ArrayList<>(all.toList());
    }
  }
}
