package dev.countersign.source.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.ManualClock;
import dev.countersign.catalog.BundleTemplate;
import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.EntryRules;
import dev.countersign.catalog.watch.WatchSettings;
import dev.countersign.catalog.watch.WatchedModels;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.Operation;
import dev.countersign.source.PlanFixture;
import dev.countersign.source.TestFileSystem;
import dev.countersign.source.checkpoint.EnumeratorStateSerializer;
import dev.countersign.source.signals.ReaderEvent.EndedModel;
import dev.countersign.source.signals.WatchNotices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WatchedFeedTest {

  private static final Duration INTERVAL = Duration.ofSeconds(30);
  private static final Duration SETTLE = Duration.ofMinutes(2);

  @TempDir Path folder;
  private final ManualClock clock = new ManualClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final List<WatchedFeed> open = new ArrayList<>();
  private final List<String> notices = new ArrayList<>();
  private final AtomicInteger looksBegun = new AtomicInteger();
  private PlanFixture fixture;
  private String marker = "";

  @BeforeEach
  void setUp() throws IOException {
    fixture = new PlanFixture(folder);
    Files.createDirectories(folder.resolve("lake"));
    WatchNotices.listen("run-1", notices::add);
  }

  @AfterEach
  void close() throws IOException {
    WatchNotices.forget("run-1");
    for (WatchedFeed feed : open) {
      feed.close();
    }
  }

  @Test
  void read_ofModelsThatAreThere_takesThemOnceSettled() throws Exception {
    write("lake/a/weights.bin", "a");
    write("lake/b/weights.bin", "b");
    WatchedFeed feed = globbed(null);

    assertThat(look(feed)).isEmpty();
    assertThat(lookAfter(feed, SETTLE)).containsExactly("a", "b");
    assertThat(lookAfter(feed, SETTLE)).isEmpty();
    assertThat(feed.watched()).isEqualTo(2);
    assertThat(looksBegun).as("what runs before each look").hasValue(3);
  }

  @Test
  void begin_beforeTheIntervalIsOver_waits() throws Exception {
    WatchedFeed feed = globbed(null);
    assertThat(feed.untilNext(feed.end())).hasValue(0);
    assertThat(look(feed)).isEmpty();

    clock.pass(INTERVAL.minusMillis(1));

    assertThat(feed.untilNext(feed.end())).hasValue(1);
    assertThat(feed.begin(feed.end())).isFalse();
    clock.pass(Duration.ofMillis(1));
    assertThat(feed.begin(feed.end())).isTrue();
    assertThat(feed.begin(feed.end())).as("one look at a time").isFalse();
    assertThat(feed.untilNext(feed.end())).isEmpty();
  }

  @Test
  void read_whileSigning_doesNotMindBundles() throws Exception {
    write("lake/a/weights.bin", "a");
    WatchedFeed feed = globbed(null);
    takeAll(feed);

    write("lake/a/model.sig", "a bundle");

    assertThat(lookAfter(feed, INTERVAL)).isEmpty();
    assertThat(lookAfter(feed, SETTLE)).isEmpty();
    write("lake/a/config.json", "{}");
    assertThat(lookAfter(feed, INTERVAL)).isEmpty();
    assertThat(lookAfter(feed, SETTLE)).containsExactly("a");
    assertThat(feed.isKnown(feed.end() - 1)).isTrue();
    assertThat(feed.isKnown(0)).isFalse();
  }

  @Test
  void read_whileVerifying_mindsBundles() throws Exception {
    fixture.operation = Operation.VERIFY;
    write("lake/a/weights.bin", "a");
    WatchedFeed feed = globbed(null);
    takeAll(feed);

    write("lake/a/model.sig", "a bundle");

    assertThat(lookAfter(feed, INTERVAL)).isEmpty();
    assertThat(lookAfter(feed, SETTLE)).containsExactly("a");
  }

  @Test
  void read_withAMarker_takesWhatHasOneAtOnce() throws Exception {
    marker = "_SUCCESS";
    write("lake/without/weights.bin", "a");
    write("lake/with/weights.bin", "b");
    write("lake/with/_SUCCESS", "");
    write("lake/newer/_SUCCESS", "");
    write("lake/newer/weights.bin", "c");
    Files.setLastModifiedTime(
        folder.resolve("lake/newer/_SUCCESS"),
        FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
    write("lake/file.bin", "a model in one file");
    WatchedFeed feed = globbed(null);

    assertThat(look(feed)).containsExactly("with");
    assertThat(lookAfter(feed, SETTLE)).containsExactly("file.bin", "newer");
    assertThat(lookAfter(feed, SETTLE)).isEmpty();
    write("lake/without/_SUCCESS", "");
    assertThat(lookAfter(feed, INTERVAL)).containsExactly("without");
  }

  @Test
  void read_ofAModelThatComesAgain_takesItAsANewOne() throws Exception {
    write("lake/a/weights.bin", "a");
    WatchedFeed feed = globbed(null);
    takeAll(feed);
    Files.delete(folder.resolve("lake/a/weights.bin"));
    Files.delete(folder.resolve("lake/a"));

    assertThat(lookAfter(feed, INTERVAL)).isEmpty();
    assertThat(feed.watched()).isZero();
    write("lake/a/weights.bin", "a");
    assertThat(lookAfter(feed, INTERVAL)).isEmpty();
    assertThat(lookAfter(feed, SETTLE)).containsExactly("a");
    assertThat(feed.isKnown(feed.end() - 1)).isFalse();
  }

  @Test
  void ended_ofAModelThatFailed_takesItAgainAfterAPause() throws Exception {
    write("lake/a/weights.bin", "a");
    WatchedFeed feed = globbed(null);
    look(feed);
    lookAfter(feed, SETTLE);

    feed.ended(new EndedModel(0, folder.resolve("lake/a").toString(), true));
    feed.retain(id -> false);

    assertThat(lookAfter(feed, INTERVAL)).containsExactly("a");
    feed.ended(new EndedModel(1, folder.resolve("lake/a").toString(), true));
    feed.retain(id -> false);
    assertThat(lookAfter(feed, INTERVAL)).isEmpty();
    assertThat(lookAfter(feed, INTERVAL)).containsExactly("a");
  }

  @Test
  void read_ofModelsThatGetIntoEachOthersWay_takesThemAsFailures() throws Exception {
    write("lake/a/weights.bin", "a");
    write("lake/b/weights.bin", "b");
    WatchedFeed feed = globbed(null, "lake/*", "lake/b/inner*");
    takeAll(feed);

    write("lake/b/inner/weights.bin", "c");

    assertThat(lookAfter(feed, INTERVAL)).containsExactly("b", "inner");
    CatalogEntry inner = feed.entry(feed.end() - 1);
    assertThat(inner.isGood()).isFalse();
    assertThat(inner.fault()).contains("is inside the model");
    assertThat(lookAfter(feed, SETTLE)).as("the others are left alone").isEmpty();
  }

  @Test
  void read_ofSingleFiles_doesNotTakeTheirBundlesForModels() throws Exception {
    write("lake/a.bin", "a");
    WatchedFeed feed = globbed(null);
    takeAll(feed);

    write("lake/a.bin.sig", "its bundle");
    write("lake/b.sig", "nobody's bundle");

    assertThat(lookAfter(feed, INTERVAL)).isEmpty();
    assertThat(lookAfter(feed, SETTLE)).containsExactly("b.sig");
  }

  @Test
  void read_besideAFolderThatCannotBeLookedInto_goesOnAndForgetsNothing() throws Exception {
    write("lake/one/a/weights.bin", "a");
    write("lake/two/b/weights.bin", "b");
    WatchedFeed feed = globbed(null, "lake/*/*");
    takeAll(feed);

    Files.createSymbolicLink(folder.resolve("lake/circle"), Path.of("circle"));
    write("lake/two/c/weights.bin", "c");

    assertThat(lookAfter(feed, INTERVAL)).isEmpty();
    assertThat(lookAfter(feed, SETTLE)).containsExactly("two/c");
    assertThat(notices).singleElement().asString().contains("circle", "the rest is watched");
    assertThat(feed.watched()).isEqualTo(3);
  }

  @Test
  void read_ofACatalogThatChanges_followsIt() throws Exception {
    write("lake/a/weights.bin", "a");
    write("lake/b/weights.bin", "b");
    Path catalog = write("catalog.csv", "model\nlake/a\n");
    WatchedFeed feed =
        feed(
            WatchedModels.listed(
                catalog.toString(),
                new EntryRules(
                    BundleTemplate.standard(), List.of(), List.of(), EntryRules.Ignores.ALLOWED),
                List.of(),
                settings(),
                true),
            null);
    takeAll(feed);

    Files.delete(catalog);
    assertThat(lookAfter(feed, INTERVAL)).isEmpty();
    assertThat(notices).singleElement().asString().contains("catalog.csv");
    assertThat(lookAfter(feed, INTERVAL)).isEmpty();
    assertThat(notices).as("said once").hasSize(1);
    write("catalog.csv", "model,ignore_paths\nlake/a,\nlake/b,\n ,\n");

    assertThat(lookAfter(feed, INTERVAL)).as("a bad line at once").containsExactly("");
    assertThat(lookAfter(feed, SETTLE)).containsExactly("b");
    write("catalog.csv", "model,ignore_paths\nlake/a,\"[\"\"logs\"\"]\"\nlake/b,\n");
    assertThat(lookAfter(feed, INTERVAL)).isEmpty();
    assertThat(lookAfter(feed, SETTLE)).as("other content").containsExactly("a");
  }

  @Test
  void read_ofManyModels_takesNoMoreThanAreWanted() throws Exception {
    marker = "_SUCCESS";
    int models = 2 * WatchedFeed.BATCH + 10;
    for (int i = 0; i < models; i++) {
      write("lake/" + i + "/_SUCCESS", "");
    }
    WatchedFeed feed = globbed(null);

    assertThat(feed.begin(0)).isTrue();
    feed.read().run();
    assertThat(feed.end()).isEqualTo(WatchedFeed.BATCH);
    assertThat(feed.begin(0)).as("nobody takes them").isFalse();
    assertThat(feed.begin(1)).isTrue();
    feed.read().run();
    assertThat(look(feed)).hasSize(10);
    assertThat(feed.end()).isEqualTo(models);
  }

  @Test
  void restore_ofAState_knowsWhatWasTaken() throws Exception {
    write("lake/a/weights.bin", "a");
    write("lake/b/weights.bin", "b");
    WatchedFeed feed = globbed(null);
    look(feed);
    lookAfter(feed, SETTLE);
    feed.retain(id -> id == 1);
    EnumeratorState state = new EnumeratorState();
    state.setCursor(1);
    state.setCommand(Map.of());
    state.setSession("");
    feed.save(state);

    EnumeratorStateSerializer serializer = new EnumeratorStateSerializer();
    state.setWindow(List.of());
    WatchedFeed restored =
        globbed(serializer.deserialize(serializer.getVersion(), serializer.serialize(state)));

    restored.requireSame();
    assertThat(restored.end()).isEqualTo(2);
    assertThat(restored.entry(1)).isEqualTo(feed.entry(1));
    assertThat(restored.entry(1).globRoot()).isEqualTo(folder + "/lake");
    assertThatThrownBy(() -> restored.entry(0)).hasMessage("an entry was forgotten too early");
    assertThat(look(restored)).isEmpty();
    assertThat(lookAfter(restored, SETTLE)).isEmpty();
  }

  @Test
  void read_ofALinkBesideModels_takesItAsALinkAgainWheneverItMoves() throws Exception {
    write("lake/step-1/weights.bin", "1");
    Path latest = Files.createSymbolicLink(folder.resolve("lake/latest"), Path.of("step-1"));
    WatchedFeed feed = globbed(null);

    assertThat(look(feed)).as("there is nothing to wait for").containsExactly("latest");
    assertThat(lookAfter(feed, SETTLE)).containsExactly("step-1");
    write("lake/step-2/weights.bin", "2");
    Files.delete(latest);
    Files.createSymbolicLink(latest, Path.of("step-2"));
    assertThat(lookAfter(feed, INTERVAL)).containsExactly("latest");
    assertThat(lookAfter(feed, SETTLE)).containsExactly("step-2");
    assertThat(lookAfter(feed, SETTLE)).isEmpty();

    assertThat(feed.entry(0).linkTo()).isEqualTo(folder + "/lake/step-1");
    assertThat(feed.entry(2).linkTo()).isEqualTo(folder + "/lake/step-2");
    assertThat(feed.entry(3).isGood()).isTrue();
    EnumeratorState state = new EnumeratorState();
    state.setWindow(List.of());
    feed.save(state);
    WatchedFeed restored = globbed(state);
    assertThat(restored.entry(2)).isEqualTo(feed.entry(2));
    assertThat(lookAfter(restored, SETTLE)).isEmpty();
  }

  @Test
  void look_atAModelWhoseListingTakesAllHeapOnce_isDoneAgain() throws Exception {
    TestFileSystem.register();
    try {
      write("lake/" + TestFileSystem.TAKES_ALL_HEAP + "1/weights.bin", "1");
      WatchedFeed feed = globbed(null, TestFileSystem.uri(folder) + "/lake/*");
      assertThat(look(feed)).isEmpty();

      assertThat(lookAfter(feed, SETTLE)).containsExactly(TestFileSystem.TAKES_ALL_HEAP + "1");
    } finally {
      TestFileSystem.unregister();
    }
  }

  @Test
  void requireSame_ofAStateThatWatchesOthers_isRefused() {
    EnumeratorState state = new EnumeratorState();
    state.setCatalog("watched: elsewhere");

    assertThatThrownBy(() -> globbed(state).requireSame())
        .isInstanceOf(CatalogException.class)
        .hasMessageStartingWith("The state to go on from watches other models.");
  }

  private WatchSettings settings() {
    return new WatchSettings(INTERVAL, SETTLE, marker);
  }

  private WatchedFeed globbed(@Nullable EnumeratorState saved) throws CatalogException {
    return globbed(saved, "lake/*");
  }

  private WatchedFeed globbed(@Nullable EnumeratorState saved, String... patterns)
      throws CatalogException {
    return feed(
        WatchedModels.named(
            List.of(patterns),
            folder.toString(),
            BundleTemplate.standard(),
            List.of(),
            settings(),
            true),
        saved);
  }

  private WatchedFeed feed(WatchedModels models, @Nullable EnumeratorState saved) {
    ModelLooks looks = new ModelLooks(fixture.settings(), marker, 2, Duration.ofMinutes(1));
    WatchedFeed feed =
        new WatchedFeed("run-1", models, looksBegun::incrementAndGet, looks, clock, saved);
    open.add(feed);
    return feed;
  }

  /** Has all models taken and done. */
  private void takeAll(WatchedFeed feed) {
    look(feed);
    assertThat(lookAfter(feed, SETTLE)).isNotEmpty();
    for (long id = 0; id < feed.end(); id++) {
      feed.ended(new EndedModel(id, feed.entry(id).model(), false));
    }
    feed.retain(id -> false);
  }

  private List<String> lookAfter(WatchedFeed feed, Duration time) {
    clock.pass(time);
    return look(feed);
  }

  /** Looks at all models; returns the names of those that were taken. */
  private static List<String> look(WatchedFeed feed) {
    long before = feed.end();
    while (feed.begin(feed.end())) {
      feed.read().run();
    }
    return LongStream.range(before, feed.end()).mapToObj(id -> feed.entry(id).name()).toList();
  }

  private Path write(String name, String content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }
}
