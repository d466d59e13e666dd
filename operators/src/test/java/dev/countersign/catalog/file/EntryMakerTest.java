package dev.countersign.catalog.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.BundleTemplate;
import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.EntryRules;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EntryMakerTest {

  @TempDir Path lake;

  private BundleTemplate template = BundleTemplate.standard();
  private List<String> roots = List.of();
  private List<String> stores = List.of();
  private EntryRules.Ignores ignores = EntryRules.Ignores.ALLOWED;

  @Test
  void entry_ofRelativeUris_takesThemFromTheCatalogsFolder() {
    CatalogEntry entry = entry("../models/m", "{model}/m.sig");

    assertThat(entry.fault()).isEmpty();
    assertThat(entry.model()).isEqualTo(lake.getParent() + "/models/m");
    assertThat(entry.bundle()).isEqualTo(lake.getParent() + "/models/m/m.sig");
    assertThat(entry.name()).isEqualTo("m");
    assertThat(entry.line()).isEqualTo(12);
    assertThat(entry.id()).isEqualTo(7);
  }

  @Test
  void entry_ofAStoreThatTheUserAllowed_keepsItsUri() {
    stores = List.of("hdfs://nn:8020");

    CatalogEntry entry = entry("hdfs://nn:8020/lake/m/", "");

    assertThat(entry.model()).isEqualTo("hdfs://nn:8020/lake/m");
    assertThat(entry.bundle()).isEqualTo("hdfs://nn:8020/lake/m/model.sig");
    assertThat(entry.bundleByKind()).isTrue();
    assertThat(entry("HDFS://NN/lake/m", "").fault()).as("with the default port").isEmpty();
  }

  @Test
  void entry_ofAStoreThatNobodyNamed_isABadLineThatNamesTheOption() {
    stores = List.of("hdfs://nn:8020");

    for (String model :
        List.of(
            "hdfs://nn:8021/m",
            "hdfs://nn.evil/m",
            "hdfs://user@nn:8020/m",
            "webhdfs://nn:8020/m",
            "swebhdfs://evil/m")) {
      assertThat(entry(model, "").fault())
          .as(model)
          .startsWith(lake + "/c.csv, line 12: the model " + model + " is on a store that")
          .contains("'allow-store' " + model.substring(0, model.length() - 2));
    }
    assertThat(entry("http://nn:8020/m", "").fault()).contains("the scheme http.");
    assertThat(entry("viewfs://table/m", "").fault()).as("no host").isEmpty();
    assertThat(entry("hdfs:///m", "").fault())
        .as("a host that the site's configuration would have to name")
        .contains("hdfs:///m names no host");
  }

  @Test
  void entry_ofAnObjectStore_isTakenIfItIsNamedAndItsUriIsExact() {
    assertThat(entry("mem://lake/m/", "").model()).isEqualTo("mem://lake/m");
    assertThat(entry("mem://foreign/m", "").fault())
        .contains("the model mem://foreign/m is on a store that")
        .contains("'allow-store' mem://foreign");
    assertThat(entry("mem://lake/a//m", "").fault())
        .contains("line 12: mem://lake/a//m has a segment that is empty, . or ..");
    assertThat(entry("mem://lake/a/../m", "").fault()).contains("Write mem://lake/m if you mean");
  }

  @Test
  void entry_ofTheCatalogsStoreOrThatOfASignatureRoot_isTaken() {
    roots = List.of("webhdfs://signatures:9870/bundles");
    EntryMaker maker =
        new EntryMaker(
            "hdfs://nn/c.csv", CatalogFormat.CSV, new EntryRules(template, roots, stores, ignores));

    for (String model : List.of("m", "hdfs://nn:8020/m", "webhdfs://signatures/m", "/local/m")) {
      CatalogRecord record = new CatalogRecord(1, model, "", "", "", List.of(), Map.of(), "");
      assertThat(maker.entry(0, record).fault()).as(model).isEmpty();
    }
    CatalogRecord other = new CatalogRecord(1, "hdfs://b/m", "", "", "", List.of(), Map.of(), "");
    assertThat(maker.entry(0, other).fault()).contains("'allow-store' hdfs://b:8020");
  }

  @Test
  void entry_withoutASignature_takesTheUsersTemplateWhereverItLeads() throws Exception {
    template = BundleTemplate.parse("/elsewhere/{name}-{version}.json");

    assertThat(entry("m", "").bundle()).isEqualTo("/elsewhere/m-2.json");
  }

  @Test
  void entry_ofSignatureInTheModelBesideItOrUnderARoot_isTaken() throws Exception {
    roots = List.of(Files.createDirectory(lake.resolve("signatures")).toString());

    assertThat(entry("m", "m/model.sig").fault()).isEmpty();
    assertThat(entry("m", "m/deep/model.sig").fault()).isEmpty();
    assertThat(entry("m", "m.sigstore").fault()).isEmpty();
    assertThat(entry("deep/m", "signatures/m.sigstore.json").fault()).isEmpty();
    assertThat(entry("deep/m", "signatures/a/b/{name}.sig").fault()).isEmpty();
  }

  @Test
  void entry_ofSignatureAnywhereElse_isABadLine() throws Exception {
    Files.createDirectory(lake.resolve("signatures"));
    roots = List.of(lake.resolve("signatures").toString());

    for (String signature :
        List.of(
            "/etc/x.sig",
            "../x.sig",
            "deep/x.sig",
            "signatures-2/x.sig",
            "signatures/../x.sig",
            "deep/m/../../../x.sig",
            "hdfs://nn/x.sig",
            "file://other/x.sig")) {
      assertThat(entry("deep/model/m", signature).fault())
          .as(signature)
          .startsWith(lake + "/c.csv, line 12: the signature ")
          .contains("is neither in the model")
          .endsWith("allow its folder with 'signature-root'.");
    }
  }

  @Test
  void entry_ofSignatureBehindALinkThatLeadsOut_isABadLine() throws Exception {
    Files.createDirectories(lake.resolve("m"));
    Path outside = Files.createDirectory(lake.resolve("outside"));
    Files.createSymbolicLink(lake.resolve("m/out"), outside);
    Files.createSymbolicLink(lake.resolve("m/in"), Files.createDirectory(lake.resolve("m/deep")));

    assertThat(entry("m", "m/in/x.sig").fault()).isEmpty();
    assertThat(entry("m", "m/out/x.sig").fault()).contains("is neither in the model");
  }

  @Test
  void entry_ofSignatureBehindALinkThatLeadsBack_isNamedWithoutTheLink() throws Exception {
    Path models = Files.createDirectory(lake.resolve("models"));
    Path model = Files.createDirectories(models.resolve("m/deep")).getParent();
    Path signatures = Files.createDirectories(lake.resolve("signatures/team")).getParent();
    Path alias = Files.createDirectory(lake.resolve("alias"));
    Files.createSymbolicLink(alias.resolve("in"), model);
    Files.createSymbolicLink(alias.resolve("beside"), models);
    Files.createSymbolicLink(alias.resolve("root"), signatures);
    roots = List.of(signatures.toString());

    Map<String, Path> expected =
        Map.of(
            "alias/in/x.sig", model.resolve("x.sig"),
            "alias/in/deep/x.sig", model.resolve("deep/x.sig"),
            "alias/beside/m.sig", models.resolve("m.sig"),
            "alias/root/x.sig", signatures.resolve("x.sig"),
            "alias/root/team/new/x.sig", signatures.resolve("team/new/x.sig"));
    expected.forEach(
        (given, bundle) -> {
          CatalogEntry entry = entry("models/m", given);
          assertThat(entry.fault()).as(given).isEmpty();
          assertThat(entry.bundle()).as(given).isEqualTo(bundle.toString());
        });
  }

  @Test
  void entry_ofSignatureInPlaceOfWeights_isABadLine() {
    for (String signature :
        List.of("m/weights.safetensors", "m/config.json", "m", "authorized_keys")) {
      assertThat(entry("m", signature).fault())
          .as(signature)
          .contains("does not end with .sig, .sigstore or .sigstore.json");
    }
  }

  @Test
  void entry_ofLabelsThatLeadOutOfTheTemplatesFolder_isABadLine() throws Exception {
    template = BundleTemplate.parse("/signatures/{name}.sig");

    CatalogEntry entry =
        maker().entry(0, new CatalogRecord(3, "m", "../../etc/x", "", "", List.of(), Map.of(), ""));

    assertThat(entry.fault()).contains("line 3: The name ../../etc/x of the model");
  }

  @Test
  void entry_withoutAModel_isABadLineWithItsLabels() {
    CatalogEntry entry =
        maker()
            .entry(
                0, new CatalogRecord(3, " ", "n", "", "", List.of(), Map.of("team", "vision"), ""));

    assertThat(entry.fault())
        .isEqualTo(
            lake
                + "/c.csv, line 3: the field model is missing or empty. Name a path, or a URI,"
                + " relative to the catalog's folder.");
    assertThat(entry.labels()).containsEntry("team", "vision");
    assertThat(entry.isGood()).isFalse();
  }

  @Test
  void entry_ofAnotherHostsFile_isABadLine() {
    assertThat(entry("file://other/m", "").fault()).contains("is a file of another host.");
  }

  @Test
  void entry_ofPathsToIgnore_takesThemOnlyWhereTheyCount() {
    assertThat(ignoring("logs/", "a/b").ignorePaths()).containsExactly("logs", "a/b");
    ignores = EntryRules.Ignores.SKIPPED;
    assertThat(ignoring("logs").ignorePaths()).isEmpty();
    assertThat(ignoring("logs").fault()).isEmpty();
  }

  @Test
  void entry_ofPathsToIgnoreWithoutLeave_isABadLineThatNamesTheOption() {
    ignores = EntryRules.Ignores.REFUSED;

    assertThat(ignoring().fault()).isEmpty();
    assertThat(ignoring("logs").fault())
        .isEqualTo(
            lake
                + "/c.csv, line 1: the field ignore_paths leaves files out of the model, which a"
                + " catalog may do only with 'allow-catalog-ignores'. Give that option, or remove"
                + " the field.");
  }

  @Test
  void entry_ofPathsToIgnoreThatLeadOut_isABadLine() {
    for (String path : List.of("..", "../x", "/etc", "a//b", "./a", "", "/")) {
      assertThat(ignoring(path).fault())
          .as(path)
          .contains("in ignore_paths is not a path in the model.");
    }
  }

  private CatalogEntry ignoring(String... paths) {
    return maker().entry(0, new CatalogRecord(1, "m", "", "", "", List.of(paths), Map.of(), ""));
  }

  private CatalogEntry entry(String model, String signature) {
    return maker()
        .entry(7, new CatalogRecord(12, model, "", "2", signature, List.of(), Map.of(), ""));
  }

  private EntryMaker maker() {
    return new EntryMaker(
        lake + "/c.csv", CatalogFormat.CSV, new EntryRules(template, roots, stores, ignores));
  }
}
