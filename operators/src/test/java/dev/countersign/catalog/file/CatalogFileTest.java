package dev.countersign.catalog.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.catalog.BundleTemplate;
import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.CatalogSource;
import dev.countersign.catalog.EntryRules;
import dev.countersign.catalog.EntryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CatalogFileTest {

  private static final EntryRules RULES =
      new EntryRules(BundleTemplate.standard(), List.of(), List.of(), EntryRules.Ignores.ALLOWED);

  @TempDir Path lake;

  @Test
  void open_ofWhatWasChecked_givesItsEntriesAgainAndAgain() throws Exception {
    CatalogSource catalog = check("c.jsonl", "{\"model\": \"a\"}\nbad\n{\"model\": \"b\"}\n");

    for (int round = 0; round < 2; round++) {
      List<CatalogEntry> entries = all(catalog);
      assertThat(entries).extracting(CatalogEntry::id).containsExactly(0L, 1L, 2L);
      assertThat(entries).extracting(CatalogEntry::isGood).containsExactly(true, false, true);
    }
    assertThat(catalog.size()).isEqualTo(3);
    assertThat(catalog.identity()).hasSize(64);
  }

  @Test
  void check_ofAnyExtension_knowsTheFormatOrRefuses() throws Exception {
    assertThat(check("c.ndjson", "{\"model\": \"a\"}").size()).isEqualTo(1);
    assertThat(check("c.CSV", "model\na\n").size()).isEqualTo(1);
    assertThatThrownBy(() -> check("c.txt", "model\na\n"))
        .isInstanceOf(CatalogException.class)
        .hasMessageEndingWith(
            "has no known extension. Name a file that ends with .avro, .jsonl, .ndjson or .csv.");
  }

  @Test
  void check_ofNothingThere_isRefused() throws Exception {
    assertThatThrownBy(() -> CatalogFile.check(lake + "/none.csv", RULES, List.of()))
        .isInstanceOf(CatalogException.class)
        .hasMessageStartingWith("There is no catalog at " + lake + "/none.csv.");
    Files.createDirectory(lake.resolve("d.csv"));
    assertThatThrownBy(() -> CatalogFile.check(lake + "/d.csv", RULES, List.of()))
        .hasMessageContaining("is not a regular file.");
    assertThatThrownBy(() -> check("e.csv", "model\n")).hasMessageContaining("names no model.");
    assertThatThrownBy(() -> check("e.jsonl", "")).hasMessageContaining("names no model.");
  }

  @Test
  void check_ofModelsInEachOthersWay_namesBothWithTheirLines() {
    assertThatThrownBy(() -> check("c.csv", "model\na/b\nbad,line\na\n"))
        .isInstanceOf(CatalogException.class)
        .hasMessageStartingWith(
            "The model "
                + lake
                + "/a/b (line 2) is inside the model "
                + lake
                + "/a (line 4). Name only one of them");
    assertThatThrownBy(() -> check("c.csv", "model\na\nb\na/\n"))
        .hasMessage(
            "The model "
                + lake
                + "/a (line 2) is named twice, also as "
                + lake
                + "/a (line 4). Name it once.");
    assertThatThrownBy(() -> check("c.csv", "model,signature\na,x.sig\nb,x.sig\n"))
        .hasMessageStartingWith(
            "The models "
                + lake
                + "/a (line 2) and "
                + lake
                + "/b (line 3) would share one bundle, "
                + lake
                + "/x.sig.");
  }

  @Test
  void open_ofCatalogThatChanged_isRefused() throws Exception {
    CatalogSource catalog = check("c.csv", "model\na\n");
    Files.writeString(lake.resolve("c.csv"), "model\nb\n");

    assertThatThrownBy(catalog::open)
        .isInstanceOf(CatalogException.class)
        .hasMessageStartingWith("The catalog " + lake + "/c.csv changed since the run was started");
    Files.delete(lake.resolve("c.csv"));
    assertThatThrownBy(catalog::open)
        .isInstanceOf(CatalogException.class)
        .hasMessageStartingWith("There is no catalog at");
  }

  @Test
  void open_ofTheSameBytesUnderAnotherTime_isFine() throws Exception {
    CatalogSource catalog = check("c.csv", "model\na\n");
    Path copy = lake.resolve("copy");
    Files.copy(lake.resolve("c.csv"), copy);
    Files.setLastModifiedTime(copy, FileTime.fromMillis(1_000));
    Files.move(copy, lake.resolve("c.csv"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);

    assertThat(all(catalog)).hasSize(1);
  }

  @Test
  void next_ofCatalogThatChangesWhileItIsRead_givesNoLineOfTheOther() throws Exception {
    StringBuilder text = new StringBuilder("model\n");
    for (int i = 0; i < 100_000; i++) {
      text.append("model-").append(i).append('\n');
    }
    CatalogSource catalog = check("c.csv", text.toString());

    try (EntryStream entries = catalog.open()) {
      assertThat(entries.next().orElseThrow().name()).isEqualTo("model-0");
      Files.writeString(lake.resolve("c.csv"), text.toString().replace("model-", "other-"));

      assertThatThrownBy(
              () -> {
                for (Optional<CatalogEntry> next = entries.next();
                    next.isPresent();
                    next = entries.next()) {
                  assertThat(next.get().name()).startsWith("model-");
                }
              })
          .isInstanceOf(CatalogException.class)
          .hasMessageContaining("changed since the run was started");
    }
  }

  @Test
  void check_ofLinkToACatalog_takesRelativeUrisFromTheLinksFolder() throws Exception {
    Files.createDirectory(lake.resolve("there"));
    Files.writeString(lake.resolve("there/c.csv"), "model\na\n");
    Files.createSymbolicLink(lake.resolve("c.csv"), lake.resolve("there/c.csv"));

    CatalogSource catalog = CatalogFile.check(lake + "/c.csv", RULES, List.of());

    assertThat(all(catalog).get(0).model()).isEqualTo(lake + "/a");
  }

  private CatalogSource check(String name, String text) throws Exception {
    Files.writeString(lake.resolve(name), text);
    return CatalogFile.check(lake + "/" + name, RULES, List.of());
  }

  private static List<CatalogEntry> all(CatalogSource source) throws Exception {
    List<CatalogEntry> all = new ArrayList<>();
    try (EntryStream entries = source.open()) {
      for (Optional<CatalogEntry> next = entries.next(); next.isPresent(); next = entries.next()) {
        all.add(next.get());
      }
    }
    return all;
  }
}
