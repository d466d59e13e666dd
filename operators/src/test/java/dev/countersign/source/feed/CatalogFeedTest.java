package dev.countersign.source.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.PlannedModel;
import dev.countersign.source.CountedEntries;
import java.util.ArrayList;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class CatalogFeedTest {

  private final CountedEntries catalog =
      new CountedEntries(10_000, id -> CatalogEntry.builder(id, "/m" + id).name("m").build());

  @Test
  void begin_ofEntriesThatNobodyTakes_readsNoFurther() throws Exception {
    CatalogFeed feed = new CatalogFeed(catalog, null);

    assertThat(feed.begin(0)).isTrue();
    assertThat(feed.begin(0)).as("one reads at a time").isFalse();
    feed.read().run();

    assertThat(feed.begin(0)).isFalse();
    assertThat(catalog.read()).isEqualTo(CatalogFeed.BATCH);
    assertThat(feed.begin(1)).as("one was taken").isTrue();
    feed.read().run();
    assertThat(catalog.read()).isEqualTo(2 * CatalogFeed.BATCH);
    assertThat(feed.entry(300).model()).isEqualTo("/m300");
  }

  @Test
  void read_toTheEnd_endsThere() throws Exception {
    CatalogFeed feed = new CatalogFeed(catalog, null);

    while (feed.begin(feed.end())) {
      feed.read().run();
      feed.retain(id -> false);
    }

    assertThat(feed.end()).isEqualTo(10_000);
    assertThat(catalog.read()).isEqualTo(10_000);
    assertThat(catalog.opened()).isEqualTo(1);
  }

  @Test
  void read_afterARestore_readsUpToTheCursorAndKeepsTheWindowOnly() throws Exception {
    CatalogFeed feed = new CatalogFeed(catalog, state(5_000, 7, 4_321));

    assertThat(feed.isReady()).isFalse();
    assertThat(feed.begin(5_000)).isTrue();
    feed.read().run();

    assertThat(feed.isReady()).isTrue();
    assertThat(feed.end()).isEqualTo(5_000 + CatalogFeed.BATCH);
    assertThat(feed.entry(7).model()).isEqualTo("/m7");
    assertThat(feed.entry(4_321).model()).isEqualTo("/m4321");
    assertThat(feed.entry(5_000).model()).isEqualTo("/m5000");
    assertThatThrownBy(() -> feed.entry(8)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void read_afterARestoreAtTheEnd_findsTheWindow() throws Exception {
    CatalogFeed feed = new CatalogFeed(catalog, state(10_000, 9_999));

    assertThat(feed.begin(10_000)).isTrue();
    feed.read().run();

    assertThat(feed.isReady()).isTrue();
    assertThat(feed.entry(9_999).model()).isEqualTo("/m9999");
    assertThat(feed.begin(10_000)).isFalse();
  }

  @Test
  void retain_forgetsWhatIsNotNeeded() throws Exception {
    CatalogFeed feed = new CatalogFeed(catalog, null);
    assertThat(feed.begin(0)).isTrue();
    feed.read().run();

    feed.retain(Set.of(3L)::contains);

    assertThat(feed.entry(3).id()).isEqualTo(3);
    assertThatThrownBy(() -> feed.entry(4)).hasMessage("an entry was forgotten too early");
  }

  @Test
  void create_ofAStateOverAnotherCatalog_isRefused() {
    EnumeratorState saved = state(5_000);
    catalog.changeIdentity();

    assertThatThrownBy(() -> new CatalogFeed(catalog, saved).requireSame())
        .isInstanceOf(CatalogException.class)
        .hasMessageStartingWith("The state to resume from is of a run over other models.");
    assertThatThrownBy(() -> new CatalogFeed(catalog, state(10_001)).requireSame())
        .isInstanceOf(CatalogException.class);
  }

  private EnumeratorState state(long cursor, long... window) {
    EnumeratorState state = new EnumeratorState();
    state.setCursor(cursor);
    state.setCatalog(catalog.identity());
    state.setWindow(new ArrayList<>());
    for (long id : window) {
      state.getWindow().add(PlannedModel.newBuilder().setEntryId(id).build());
    }
    return state;
  }
}
