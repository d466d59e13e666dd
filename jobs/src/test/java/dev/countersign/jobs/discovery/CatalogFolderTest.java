package dev.countersign.jobs.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.discovery.CatalogCommand.CatalogFolder;
import dev.countersign.storage.Storages;
import org.junit.jupiter.api.Test;

final class CatalogFolderTest {

  @Test
  void relative_ofModels_leadsBackToThem() throws Exception {
    CatalogFolder folder = new CatalogFolder("/lake/catalogs/all.csv", "/lake/catalogs/all.csv");

    for (String model :
        new String[] {
          "/lake/catalogs/m",
          "/lake/m",
          "/m",
          "/lake/catalogs",
          "/lake",
          "/lake/catalogs/a/b",
          "/lake/catalogs/=1",
          "/lake/catalogs/s3:/x",
          "/lake/catalogs/ m",
          "/lake/catalogs/#m"
        }) {
      String relative = folder.relative(model).orElseThrow();

      assertThat(Storages.absolute(relative, "/lake/catalogs")).as(relative).isEqualTo(model);
      assertThat(relative).doesNotStartWith("=").doesNotStartWith(" ").isNotEmpty();
    }
  }

  @Test
  void relative_ofAModelInAnotherStore_isNothing() throws Exception {
    assertThat(new CatalogFolder("/lake/all.csv", "/lake/all.csv").relative("hdfs://nn/lake/m"))
        .isEmpty();
    assertThat(
            new CatalogFolder("hdfs://nn/a/all.csv", "hdfs://nn/a/all.csv")
                .relative("hdfs://nn/b/m"))
        .contains("../b/m");
    assertThat(
            new CatalogFolder("hdfs://nn/a/all.csv", "hdfs://nn/a/all.csv")
                .relative("hdfs://NN:8020/b/m"))
        .contains("../b/m");
    assertThat(
            new CatalogFolder("hdfs://nn/a/all.csv", "hdfs://nn/a/all.csv")
                .relative("hdfs://other/a/m"))
        .isEmpty();
  }

  @Test
  void liesIn_ofAFolder_isWhetherTheCatalogIsInIt() throws Exception {
    CatalogFolder folder = new CatalogFolder("/nowhere/lake/all.csv", "/nowhere/lake/all.csv");

    assertThat(folder.liesIn("/nowhere/lake")).isTrue();
    assertThat(folder.liesIn("/nowhere")).isTrue();
    assertThat(folder.liesIn("/nowhere/la")).isFalse();
    assertThat(folder.liesIn("/nowhere/lake/m")).isFalse();
  }
}
