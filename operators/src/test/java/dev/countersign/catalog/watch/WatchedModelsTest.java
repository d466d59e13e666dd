package dev.countersign.catalog.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.countersign.catalog.BundleTemplate;
import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.StreamedEntries;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WatchedModelsTest {

  private static final WatchSettings SETTINGS =
      new WatchSettings(Duration.ofSeconds(1), Duration.ofSeconds(2), "");

  @TempDir Path folder;

  @Test
  void named_withConflicts_isRefusedUnlessTheWatchGoesOn() throws Exception {
    Files.createDirectories(folder.resolve("lake/a/inner"));
    List<String> arguments = List.of("lake/*", "lake/a/inner*");

    assertThatThrownBy(() -> watch(arguments, List.of(), true))
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("is inside the model");
    List<CatalogEntry> entries = StreamedEntries.of(watch(arguments, List.of(), false));

    assertThat(entries).hasSize(2).noneMatch(CatalogEntry::isGood);
  }

  @Test
  void named_ofWhatCannotAppear_isRefused() {
    for (boolean isNew : new boolean[] {true, false}) {
      assertThatThrownBy(() -> watch(List.of("lkae/*"), List.of(), isNew))
          .isInstanceOf(CatalogException.class)
          .hasMessageContaining("lkae of the glob lkae/* is not there");
      assertThatThrownBy(() -> watch(List.of("lkae/model"), List.of(), isNew))
          .isInstanceOf(CatalogException.class)
          .hasMessageContaining("lkae of the model lkae/model is not there");
    }
  }

  @Test
  void open_leavesOutWhatTheWatchWrites() throws Exception {
    Files.createDirectories(folder.resolve("lake/a"));
    Files.createDirectories(folder.resolve("lake/state"));
    Files.writeString(folder.resolve("lake/b.bin"), "b");
    Files.writeString(folder.resolve("lake/b.bin.sig"), "its bundle");

    WatchedModels watched =
        watch(List.of("lake/*"), List.of(folder.resolve("lake/state").toString()), true);

    assertThat(StreamedEntries.of(watched))
        .extracting(CatalogEntry::name)
        .containsExactly("a", "b.bin");
    assertThat(StreamedEntries.of(watched)).allMatch(CatalogEntry::isGood);
  }

  @Test
  void open_ofALinkToAnotherModel_saysWhereItLeadsWhateverItLedToBefore() throws Exception {
    Files.createDirectories(folder.resolve("ck/step-1000"));
    Files.createSymbolicLink(folder.resolve("ck/latest"), Path.of("step-1000"));
    WatchedModels watched = watch(List.of("ck/*"), List.of(), true);

    List<CatalogEntry> before = StreamedEntries.of(watched);
    Files.createDirectories(folder.resolve("ck/step-2000"));
    Files.delete(folder.resolve("ck/latest"));
    Files.createSymbolicLink(folder.resolve("ck/latest"), Path.of("step-2000"));
    List<CatalogEntry> after = StreamedEntries.of(watched);

    assertThat(before)
        .extracting(CatalogEntry::name, CatalogEntry::linkTo, CatalogEntry::fault)
        .containsExactly(tuple("latest", folder + "/ck/step-1000", ""), tuple("step-1000", "", ""));
    assertThat(after)
        .extracting(CatalogEntry::name, CatalogEntry::linkTo, CatalogEntry::fault)
        .containsExactly(
            tuple("latest", folder + "/ck/step-2000", ""),
            tuple("step-1000", "", ""),
            tuple("step-2000", "", ""));
  }

  @Test
  void open_ofALinkToABundleThatTheWatchWrites_leavesItOut() throws Exception {
    Files.createDirectories(folder.resolve("lake"));
    Files.writeString(folder.resolve("lake/b.bin"), "b");
    Files.writeString(folder.resolve("lake/b.bin.sig"), "its bundle");
    Files.createSymbolicLink(folder.resolve("lake/latest.sig"), Path.of("b.bin.sig"));

    assertThat(StreamedEntries.of(watch(List.of("lake/*"), List.of(), true)))
        .extracting(CatalogEntry::name)
        .containsExactly("b.bin");
  }

  private WatchedModels watch(List<String> arguments, List<String> outputs, boolean isNew)
      throws CatalogException {
    return WatchedModels.named(
        arguments, folder.toString(), BundleTemplate.standard(), outputs, SETTINGS, isNew);
  }
}
