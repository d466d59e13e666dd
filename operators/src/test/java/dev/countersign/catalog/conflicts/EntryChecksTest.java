package dev.countersign.catalog.conflicts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class EntryChecksTest {

  private final List<CatalogEntry> entries = new ArrayList<>();
  private final List<String> outputs = new ArrayList<>();

  @Test
  void check_ofModelsSideBySide_passes() {
    add("/lake/a", "/lake/a/model.sig");
    add("/lake/a-b", "/lake/a-b/model.sig");
    add("/lake/a.b", "/lake/a.b/model.sig");
    add("/lake/ab.bin", "/lake/ab.bin.sig");
    add("hdfs://nn/lake/a", "");
    add("hdfs://nn2/lake/a", "");
    outputs.add("/lake");
    outputs.add("/results");

    assertThatCode(() -> EntryChecks.check(entries, outputs)).doesNotThrowAnyException();
  }

  @Test
  void check_ofModelTwice_namesIt() {
    add("/lake/a", "/sigs/1");
    add("/lake/a", "/sigs/2");

    assertThat(refusal()).hasMessage("The model /lake/a is named twice. Name it once.");
  }

  @Test
  void check_ofModelUnderTwoSpellingsOfItsHost_namesBoth() {
    add("hdfs://nn/lake/a", "");
    add("hdfs://NN:8020/lake/a", "");

    assertThat(refusal())
        .hasMessage(
            "The model hdfs://nn/lake/a is named twice, also as hdfs://NN:8020/lake/a. Name it"
                + " once.");
  }

  @Test
  void check_ofModelInsideAnother_namesBothWhateverSortsBetween() {
    add("/lake/a/b", "");
    add("/lake/a-b", "");
    add("/lake/a", "");

    assertThat(refusal())
        .hasMessageStartingWith("The model /lake/a/b is inside the model /lake/a.");
  }

  @Test
  void check_ofOneBundleForTwoModels_namesAllThree() {
    add("/lake/a", "/sigs/x.sig");
    add("/lake/b", "/sigs/x.sig");

    assertThat(refusal())
        .hasMessageStartingWith(
            "The models /lake/a and /lake/b would share one bundle, /sigs/x.sig.");
  }

  @Test
  void check_ofBundleInsideAnotherModel_namesBoth() {
    add("/lake/a", "/lake/b/a.sig");
    add("/lake/b", "/lake/b/model.sig");

    assertThat(refusal())
        .hasMessageStartingWith(
            "The bundle /lake/b/a.sig of one model would lie inside the model /lake/b.");
  }

  @Test
  void check_ofBundleInPlaceOfTheModel_isRefused() {
    add("/lake/a.bin", "/lake/a.bin");

    assertThat(refusal())
        .hasMessageStartingWith("The bundle /lake/a.bin would replace the model /lake/a.bin.");
  }

  @Test
  void check_ofOutputInsideAModel_namesBoth() {
    add("hdfs://nn/lake/a", "");
    outputs.add("hdfs://nn/lake/a/results");

    assertThat(refusal())
        .hasMessageStartingWith(
            "The folder hdfs://nn/lake/a/results that this run writes is inside the model"
                + " hdfs://nn/lake/a.");
  }

  @Test
  void check_ofBundlesThatMeetBehindALink_refusesThem(@TempDir Path lake) throws Exception {
    Files.createDirectory(lake.resolve("v3"));
    Files.createSymbolicLink(lake.resolve("latest"), Path.of("v3"));
    add(lake + "/v3", lake + "/v3/model.sig");
    add(lake + "/latest", lake + "/latest/model.sig");

    assertThat(refusal()).hasMessageContaining("would share one bundle");
  }

  @Test
  void check_ofModelInsideAnotherBehindALink_refusesIt(@TempDir Path lake) throws Exception {
    Files.createDirectories(lake.resolve("v3/part"));
    Files.createSymbolicLink(lake.resolve("latest"), Path.of("v3"));
    add(lake + "/latest/part", "");
    add(lake + "/v3", "");

    assertThat(refusal()).hasMessageContaining("is inside the model " + lake + "/v3");
  }

  @Test
  void check_ofTwoLinksToOneFile_passes(@TempDir Path cache) throws Exception {
    Files.writeString(cache.resolve("blob"), "weights");
    for (String revision : List.of("r1", "r2")) {
      Files.createDirectory(cache.resolve(revision));
      Files.createSymbolicLink(cache.resolve(revision + "/model.bin"), cache.resolve("blob"));
      String model = cache + "/" + revision + "/model.bin";
      add(model, model + ".sig");
    }

    assertThatCode(() -> EntryChecks.check(entries, outputs)).doesNotThrowAnyException();
  }

  @Test
  @Timeout(180)
  void check_ofAHundredThousandEntries_takesSeconds() {
    for (int i = 0; i < 100_000; i++) {
      String model = "/no-such-lake/" + i % 1000 + "/m" + i;
      add(model, model + "/model.sig");
    }

    assertThatCode(() -> EntryChecks.check(entries, outputs)).doesNotThrowAnyException();
  }

  @Test
  void check_ofBundlesWhosePlaceDependsOnTheModel_asksTheStoreWhereAConflictHangsOnIt(
      @TempDir Path lake) throws Exception {
    Files.writeString(lake.resolve("m"), "weights");
    Files.createDirectories(lake.resolve("m.sig"));
    addByKind(lake + "/m");
    addByKind(lake + "/m.sig");

    assertThat(refusal())
        .hasMessageStartingWith(
            "The bundle " + lake + "/m.sig would replace the model " + lake + "/m.sig.");
    Files.delete(lake.resolve("m"));
    Files.createDirectory(lake.resolve("m"));
    assertThatCode(() -> EntryChecks.check(entries, outputs)).doesNotThrowAnyException();
  }

  @Test
  void check_ofLinkAndTargetByKind_refusesTheirSharedBundle(@TempDir Path lake) throws Exception {
    Files.createDirectory(lake.resolve("v3"));
    Files.createSymbolicLink(lake.resolve("latest"), Path.of("v3"));
    addByKind(lake + "/latest");
    addByKind(lake + "/v3");

    assertThat(refusal()).hasMessageContaining("would share one bundle");
  }

  @Test
  @Timeout(180)
  void check_ofMoreThanFitsIntoMemory_findsTheSameThroughManyRuns() throws Exception {
    for (int i = 0; i < 20_000; i++) {
      String model = "/no-such-lake/" + i % 100 + "/m" + i;
      add(model, model + "/model.sig");
    }
    add("/no-such-lake/7/m4207/inner", "");

    try (EntryChecks checks = new EntryChecks(32 << 10)) {
      for (CatalogEntry entry : entries) {
        checks.add(entry);
      }

      assertThat(checks.hasSpilled()).isTrue();
      assertThatThrownBy(() -> checks.finish(outputs))
          .hasMessageStartingWith(
              "The model /no-such-lake/7/m4207/inner is inside the model /no-such-lake/7/m4207.");
    }
  }

  private void addByKind(String model) {
    entries.add(
        CatalogEntry.builder(entries.size(), model)
            .name("name")
            .bundle(model + "/model.sig")
            .bundleByKind(true)
            .build());
  }

  private void add(String model, String bundle) {
    entries.add(CatalogEntry.builder(entries.size(), model).name("name").bundle(bundle).build());
  }

  private CatalogException refusal() {
    CatalogException refusal =
        catchThrowableOfType(CatalogException.class, () -> EntryChecks.check(entries, outputs));
    assertThat(refusal).as("a refusal").isNotNull();
    return refusal;
  }
}
