package dev.countersign.source.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.watch.WatchSettings;
import dev.countersign.oms.Sha256;
import dev.countersign.source.checkpoint.WatchMemory.Sighting;
import dev.countersign.source.checkpoint.WatchMemory.Sighting.Completeness;
import dev.countersign.source.signals.ReaderEvent.EndedModel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class WatchMemoryTest {

  private static final long SECOND = 1_000;
  private static final long MINUTE = 60 * SECOND;

  private final WatchSettings settings =
      new WatchSettings(Duration.ofSeconds(30), Duration.ofMinutes(2), "");
  private WatchMemory memory = new WatchMemory(settings, WatchMemory.MOST);
  private long nextId;

  @Test
  void isDue_ofANewModel_isOnceItHasStayedTheSame() {
    assertThat(look("a", "one", 0)).isFalse();
    assertThat(look("a", "one", MINUTE)).isFalse();
    assertThat(look("a", "two", 2 * MINUTE)).as("it has grown").isFalse();
    assertThat(look("a", "two", 4 * MINUTE - 1)).isFalse();
    assertThat(look("a", "two", 4 * MINUTE)).isTrue();
  }

  @Test
  void isDue_ofAModelThatWasTaken_isNotUntilItChanges() {
    done(taken("a", "one", 0));

    assertThat(look("a", "one", 60 * MINUTE)).isFalse();
    assertThat(look("a", "two", 61 * MINUTE)).isFalse();
    assertThat(look("a", "two", 63 * MINUTE)).isTrue();
  }

  @Test
  void isDue_ofAModelThatChangesBack_isNot() {
    done(taken("a", "one", 0));

    assertThat(look("a", "two", MINUTE)).isFalse();
    assertThat(look("a", "one", 2 * MINUTE)).isFalse();
    assertThat(look("a", "two", 3 * MINUTE)).isFalse();
    assertThat(look("a", "two", 4 * MINUTE)).as("settles anew").isFalse();
  }

  @Test
  void isDue_ofAModelThatIsBeingWorkedOn_waitsForItsEnd() {
    CatalogEntry entry = taken("a", "one", 0);

    assertThat(look("a", "two", MINUTE)).isFalse();
    assertThat(look("a", "two", 10 * MINUTE)).isFalse();
    done(entry);
    assertThat(look("a", "two", 10 * MINUTE)).isTrue();
  }

  @Test
  void isDue_ofACompleteModel_isAtOnce() {
    assertThat(memory.isDue(sighting("a", "one", Completeness.COMPLETE), 0)).isTrue();
    assertThat(memory.isDue(sighting("b", "one", Completeness.INCOMPLETE), 0)).isFalse();
    assertThat(memory.isDue(sighting("b", "one", Completeness.INCOMPLETE), 60 * MINUTE)).isFalse();
  }

  @Test
  void isDue_ofAModelThatFailed_isAfterAPauseThatDoubles() {
    long now = 0;
    CatalogEntry entry = taken("a", "one", now);
    for (long pause : List.of(30 * SECOND, MINUTE, 2 * MINUTE, 4 * MINUTE)) {
      memory.ended(new EndedModel(entry.id(), "/a", true), now);
      memory.ended(new EndedModel(entry.id(), "/a", true), now + 1);

      assertThat(look("a", "one", now + pause - 1)).isFalse();
      now += pause;
      entry = taken("a", "one", now);
    }
  }

  @Test
  void isDue_ofAModelThatFailsForEver_isEverySixHours() {
    long now = 0;
    CatalogEntry entry = taken("a", "one", now);
    for (int i = 0; i < 40; i++) {
      memory.ended(new EndedModel(entry.id(), "/a", true), now);
      now += WatchMemory.LONGEST_PAUSE.toMillis();
      entry = taken("a", "one", now);
    }
    memory.ended(new EndedModel(entry.id(), "/a", true), now);

    assertThat(look("a", "one", now + WatchMemory.LONGEST_PAUSE.toMillis() - 1)).isFalse();
  }

  @Test
  void isDue_ofAModelThatChanged_beginsWithTheFirstPauseAgain() {
    CatalogEntry entry = taken("a", "one", 0);
    for (int i = 0; i < 3; i++) {
      memory.ended(new EndedModel(entry.id(), "/a", true), 0);
      entry = taken("a", "one", 60 * MINUTE);
    }
    memory.ended(new EndedModel(entry.id(), "/a", true), 60 * MINUTE);
    assertThat(look("a", "two", 60 * MINUTE)).isFalse();
    entry = taken("a", "two", 62 * MINUTE);

    memory.ended(new EndedModel(entry.id(), "/a", true), 62 * MINUTE);

    assertThat(look("a", "two", 62 * MINUTE + 30 * SECOND)).isTrue();
  }

  @Test
  void isDue_ofAModelWhoseResultIsNotTold_waitsLongerThanATimestampMayTake() {
    CatalogEntry entry = taken("a", "one", 0);
    memory.handedOver(entry, MINUTE);
    long end = MINUTE + WatchMemory.LONGEST_WAIT.toMillis();

    assertThat(look("a", "two", 2 * MINUTE)).isFalse();
    assertThat(look("a", "two", end - 1)).as("it may still be signed").isFalse();
    assertThat(look("a", "two", end)).isTrue();
  }

  @Test
  void ended_ofAnEarlierEntryOfTheModel_countsForNothing() {
    CatalogEntry first = taken("a", "one", 0);
    done(first);
    assertThat(look("a", "two", MINUTE)).isFalse();
    CatalogEntry second = taken("a", "two", 3 * MINUTE);

    memory.ended(new EndedModel(first.id(), "/a", true), 3 * MINUTE);
    done(second);

    assertThat(look("a", "two", 60 * MINUTE)).isFalse();
  }

  @Test
  void isDue_ofALineThatNamesNoModel_isOnce() {
    Sighting bad = bad("the line is broken");

    assertThat(memory.isDue(bad, 0)).isTrue();
    memory.take(bad, 7);
    memory.ended(new EndedModel(7, "", true), 0);
    memory.handedOver(bad.entry().withId(7), 0);

    assertThat(memory.isDue(bad, 60 * MINUTE)).isFalse();
    assertThat(memory.isDue(bad("the line is broken otherwise"), 60 * MINUTE)).isTrue();
  }

  @Test
  void endLook_forgetsWhatIsGone() {
    memory.beginLook();
    done(taken("a", "one", 0));
    CatalogEntry working = taken("b", "one", 0);
    memory.endLook();
    memory.beginLook();
    memory.endLook();

    assertThat(memory.size()).as("one is being worked on").isEqualTo(1);
    done(working);
    memory.beginLook();
    assertThat(look("a", "one", 10 * MINUTE)).as("settles as a new one does").isFalse();
    memory.endLook();

    assertThat(memory.size()).isEqualTo(1);
    assertThat(memory.isKnown(sighting("a", "one", Completeness.COMPLETE))).isFalse();
  }

  @Test
  void restore_ofWhatWasSaved_knowsTheSame() {
    done(taken("done", "one", 0));
    CatalogEntry failed = taken("failed", "one", 0);
    memory.ended(new EndedModel(failed.id(), "/failed", true), 0);
    CatalogEntry working = taken("working", "one", 0);
    assertThat(look("settling", "one", 0)).isFalse();

    ByteBuffer saved = memory.save();
    memory = new WatchMemory(settings, WatchMemory.MOST);
    memory.restore(saved, Set.of(working.id()), 0);

    assertThat(memory.size()).isEqualTo(3);
    assertThat(look("done", "one", 60 * MINUTE)).isFalse();
    assertThat(look("failed", "one", 29 * SECOND)).isFalse();
    assertThat(look("failed", "one", 30 * SECOND)).isTrue();
    assertThat(look("working", "two", 0)).isFalse();
    assertThat(look("working", "two", 60 * MINUTE)).isFalse();
    done(working);
    assertThat(look("working", "two", 60 * MINUTE)).isTrue();
    assertThat(look("settling", "one", 60 * MINUTE)).as("settles anew").isFalse();
  }

  @Test
  void isDue_ofMoreModelsThanMayBeWatched_isFalse() {
    memory = new WatchMemory(settings, 1);
    done(taken("a", "one", 0));

    assertThat(memory.isFull()).isTrue();
    assertThat(memory.isDue(sighting("b", "one", Completeness.COMPLETE), 0)).isFalse();
    assertThat(memory.isDue(sighting("a", "two", Completeness.COMPLETE), 0)).isTrue();
    assertThat(memory.size()).isEqualTo(1);
  }

  private boolean look(String name, String content, long now) {
    return memory.isDue(sighting(name, content, Completeness.IF_SETTLED), now);
  }

  /** Takes a model; the id is a new one. */
  private CatalogEntry taken(String name, String content, long now) {
    Sighting sighting = sighting(name, content, Completeness.COMPLETE);
    assertThat(memory.isDue(sighting, now)).as("%s at %s", name, now).isTrue();
    memory.take(sighting, nextId);
    return sighting.entry().withId(nextId++);
  }

  private void done(CatalogEntry entry) {
    memory.ended(new EndedModel(entry.id(), entry.model(), false), 0);
  }

  private static Sighting bad(String fault) {
    CatalogEntry entry = CatalogEntry.builder(0, "").line(3).fault(fault).build();
    return new Sighting(entry, fingerprint(fault), Completeness.COMPLETE);
  }

  private static Sighting sighting(String name, String content, Completeness completeness) {
    return new Sighting(
        CatalogEntry.builder(0, "/" + name).name(name).build(), fingerprint(content), completeness);
  }

  private static String fingerprint(String content) {
    return Sha256.hex(content.getBytes(StandardCharsets.UTF_8));
  }
}
