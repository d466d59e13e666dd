package dev.countersign.source.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.source.signals.RunSession;
import dev.countersign.source.units.UnitId;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which charges a journal keeps, and for whom. */
final class UnitJournalTest {

  private static final UnitId UNIT = new UnitId(7, 1, 0);

  @TempDir Path folder;

  @Test
  void checkpointCompleted_whileTheChargedProcessHasTheUnitAgain_keepsIt() {
    UnitJournal journal = chargedWith("process");

    journal.out(UNIT, "plan", "process");
    journal.checkpointCompleted(2);

    assertThat(nextCharges()).isEqualTo("process");
  }

  @Test
  void checkpointCompleted_withTheCharge_forgetsIt() {
    chargedWith("process").checkpointCompleted(2);

    assertThat(nextCharges()).isEmpty();
  }

  @Test
  void checkpointCompleted_thatBeganBeforeTheCharge_keepsIt() {
    chargedWith("process").checkpointCompleted(1);

    assertThat(nextCharges()).isEqualTo("process");
  }

  @Test
  void retain_ofAChargedProcessThatLives_takesTheChargeBack() {
    UnitJournal journal = chargedWith("process");
    journal.out(UNIT, "plan", "other");

    journal.retain("other"::equals);

    assertThat(nextCharges()).isEqualTo("other");
  }

  @Test
  void back_ofAUnitThatFailed_keepsEarlierCharges() throws Exception {
    UnitJournal journal = chargedWith("process");
    journal.out(UNIT, "plan", "other");

    journal.back(UNIT, "other");

    assertThat(Files.readString(file())).endsWith("- 7 1 0 other\n");
    assertThat(nextCharges()).isEqualTo("process");
  }

  @Test
  void of_afterAProcessThatWasKilled_readsWhatUnitsWereOut() throws Exception {
    UnitJournal journal = chargedWith("process");
    journal.out(UNIT, "plan", "other");
    journal.out(UNIT, "plan", "third");
    journal.back(UNIT, "other");

    UnitJournal next = UnitJournal.of("another process", session());

    assertThat(next.isComplete()).isTrue();
    assertThat(next.take(UNIT, "plan", 0)).containsExactlyInAnyOrder("process", "third");
  }

  @Test
  void close_ofAJournalThatWasReplaced_letsTheNextWrite() throws Exception {
    UnitJournal before = UnitJournal.of(run(), session());
    UnitJournal next = UnitJournal.of(run(), session());

    before.close();
    before.checkpointCompleted(1);
    next.out(UNIT, "plan", "process");
    before.out(UNIT, "plan", "of an enumerator that was replaced");

    assertThat(Files.readString(file())).isEqualTo("session 0\n+ 7 1 0 plan process\n");
  }

  /** A journal with a charge that the checkpoint numbered 1 does not have. */
  private UnitJournal chargedWith(String process) {
    UnitJournal.of(run(), session()).out(UNIT, "plan", process);
    UnitJournal journal = UnitJournal.of(run(), session());
    journal.retain(process::equals);
    assertThat(journal.take(UNIT, "plan", 1)).containsExactly(process);
    return journal;
  }

  /** What the next enumerator would charge the unit with. */
  private String nextCharges() {
    return String.join(" ", UnitJournal.of(run(), session()).take(UNIT, "plan", 0));
  }

  private String run() {
    return folder.toString();
  }

  private RunSession session() {
    return new RunSession("0", file().toString());
  }

  private Path file() {
    return folder.resolve("units");
  }
}
