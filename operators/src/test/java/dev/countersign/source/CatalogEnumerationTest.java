package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.CatalogSource;
import dev.countersign.catalog.ListedEntries;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.feed.CatalogFeed;
import dev.countersign.source.signals.ReaderEvent;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.WindowSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The enumerator over a catalog that is read while the run goes on. */
@Timeout(180)
final class CatalogEnumerationTest {

  private static final int MODELS = 20;

  @TempDir Path folder;

  private final List<ModelEnumerator> open = new ArrayList<>();
  private PlanFixture fixture;

  @BeforeEach
  void makeFixture() throws IOException {
    fixture = new PlanFixture(folder);
    fixture.window = new WindowSettings(10, 1 << 20, 2, 1, 10, 1 << 20);
    for (int id = 0; id < MODELS; id++) {
      Path model = Files.createDirectories(folder.resolve("models/m" + id));
      Files.writeString(model.resolve("weights"), "weights");
    }
  }

  @AfterEach
  void close() throws IOException {
    for (ModelEnumerator enumerator : open) {
      enumerator.close();
    }
  }

  @Test
  void readAhead_ofALongCatalog_staysNearTheWindow() throws Exception {
    CountedEntries catalog = new CountedEntries(100_000, this::model);
    ObservedContext context = new ObservedContext(1);
    ModelEnumerator enumerator = enumerator(context, catalog, null);

    for (int done = 0; done < 600; done++) {
      WorkUnit unit = next(context);
      assertThat(catalog.read())
          .as("entries read")
          .isLessThanOrEqualTo(done + 10 + 2 * CatalogFeed.BATCH);
      finish(enumerator, unit);
    }

    assertThat(catalog.opened()).isEqualTo(1);
    assertThat(catalog.read()).isGreaterThan(600);
  }

  @Test
  void restore_inTheMiddle_readsTheCatalogAgainAndGoesOn() throws Exception {
    CountedEntries catalog = new CountedEntries(400, this::model);
    ObservedContext before = new ObservedContext(1);
    ModelEnumerator first = enumerator(before, catalog, null);
    for (int done = 0; done < 300; done++) {
      finish(first, next(before));
    }
    before.await(1);
    EnumeratorState state = first.snapshotState(1);
    first.close();

    ObservedContext context = new ObservedContext(1);
    context.reported.put(0, List.of(before.assigned.get(0).split().identity("gone")));
    ModelEnumerator second = enumerator(context, catalog, state);
    List<Long> rest = new ArrayList<>();
    while (rest.size() < 100) {
      WorkUnit unit = next(context);
      rest.add(unit.getHeader().getEntryId());
      finish(second, unit);
    }

    assertThat(catalog.opened()).isEqualTo(2);
    assertThat(state.getCatalog()).isEqualTo("0a1b");
    assertThat(rest).doesNotHaveDuplicates().allMatch(id -> id >= 280 && id < 400);
    assertThat(context.ended).hasSize(1);
  }

  @Test
  void restore_underAnotherCommand_isRefused() throws Exception {
    CountedEntries catalog = new CountedEntries(4, this::model);
    fixture.command = Map.of("the command", "sign key", "--hash", "blake3", "the signer", "0a");
    EnumeratorState state = enumerator(new ObservedContext(1), catalog, null).snapshotState(1);

    ModelEnumerator same = enumerator(new ObservedContext(1), catalog, state);
    fixture.command = Map.of("the command", "sign key", "the signer", "0b");

    assertThat(same.snapshotState(2).getCommand()).containsEntry("--hash", "blake3");
    assertThatThrownBy(() -> enumerator(new ObservedContext(1), catalog, state))
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .isInstanceOf(CatalogException.class)
        .hasMessage(
            "The checkpoint to resume from is of another command. It differs in --hash (was"
                + " 'blake3', now not given), the signer (others now). Run that command again, or"
                + " start without the checkpoint.");
  }

  @Test
  void restore_overAnotherListOfModels_isRefused() throws Exception {
    EnumeratorState state =
        enumerator(new ObservedContext(1), ListedEntries.of(List.of(model(0), model(1))), null)
            .snapshotState(1);

    assertThatThrownBy(
            () -> enumerator(new ObservedContext(1), ListedEntries.of(List.of(model(0))), state))
        .cause()
        .isInstanceOf(CatalogException.class)
        .hasMessage(
            "The state to resume from is of a run over other models. Give the same catalog or the"
                + " same MODEL arguments (a glob must match the same models), or start without the"
                + " state.");
  }

  @Test
  void readAhead_ofACatalogThatChanged_breaksTheRunForGood() throws Exception {
    CountedEntries catalog = new CountedEntries(10, this::model);
    catalog.change();
    ObservedContext context = new ObservedContext(1);
    ModelEnumerator unused = enumerator(context, catalog, null);

    assertThatThrownBy(
            () -> {
              while (true) {
                context.triggerAllActions();
                Thread.sleep(5);
              }
            })
        .isInstanceOf(SuppressRestartsException.class)
        .hasRootCauseMessage("The catalog changed.");
  }

  @Test
  void next_ofABadLine_isAVerdictWithLineAndLabels() throws Exception {
    CountedEntries catalog =
        new CountedEntries(
            1,
            id ->
                CatalogEntry.builder(id, "")
                    .line(12)
                    .name("n")
                    .labels(Map.of("team", "vision"))
                    .fault("fault")
                    .build());
    ObservedContext context = new ObservedContext(1);
    ModelEnumerator unused = enumerator(context, catalog, null);

    WorkUnit unit = next(context);

    assertThat(unit.getVerdict().getReason()).isEqualTo(FailureReason.BAD_CATALOG_ENTRY);
    assertThat(unit.getVerdict().getMessage()).isEqualTo("fault");
    assertThat(unit.getHeader().getLine()).isEqualTo(12);
    assertThat(unit.getHeader().getLabels()).containsExactly(Map.entry("team", "vision"));
  }

  /** A model of one file; the same few lie on disk again and again. */
  private CatalogEntry model(long id) {
    Path model = folder.resolve("models/m" + id % MODELS);
    return CatalogEntry.builder(id, model.toString())
        .line(id + 1)
        .name("m")
        .bundle(model + "/model.sig")
        .bundleByKind(true)
        .build();
  }

  private ModelEnumerator enumerator(
      ObservedContext context, CatalogSource catalog, @Nullable EnumeratorState saved)
      throws Exception {
    ModelEnumerator enumerator =
        fixture.enumerator(context, catalog, FaultSettings.defaults(), saved, false);
    open.add(enumerator);
    enumerator.start();
    context.registerReader(0, "host");
    enumerator.handleSourceEvent(0, new ReaderEvent.Started("process", 1));
    return enumerator;
  }

  /** What the one reader gets next. */
  private static WorkUnit next(ObservedContext context) throws InterruptedException {
    context.await(1);
    return context.assigned.remove(0).split().unit();
  }

  private static void finish(ModelEnumerator enumerator, WorkUnit unit) {
    enumerator.handleSourceEvent(0, new ReaderEvent.Finished(new ModelSplit(unit).id(), 1));
    enumerator.notifyCheckpointComplete(1);
  }
}
