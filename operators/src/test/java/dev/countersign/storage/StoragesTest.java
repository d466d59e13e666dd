package dev.countersign.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class StoragesTest {

  @ParameterizedTest
  @CsvSource({
    "/lake/m1, /lake/m1",
    "/lake/m1/, /lake/m1",
    "//lake///m1/./, /lake/m1",
    "/lake/x/../m1, /lake/m1",
    "/../../m1, /m1",
    "/, /",
    "m1, /base/here/m1",
    "., /base/here",
    "./m1/, /base/here/m1",
    "../m1, /base/m1",
    "~/m1, /base/here/~/m1",
    "a:b/c, /base/here/a:b/c",
    "/lake/100%25, /lake/100%25",
    "file:/lake/m1, /lake/m1",
    "file:///lake/m1/, /lake/m1",
    "file://localhost/lake/m1, /lake/m1",
    "FILE:///lake/m1, /lake/m1",
    "file://other/lake/m1, file://other/lake/m1",
    "hdfs://nn:8020/lake//m1/, hdfs://nn:8020/lake/m1",
    "HDFS://nn/a/../b, hdfs://nn/b",
    "hdfs:/lake/m1, hdfs:///lake/m1",
    "s3a://bucket, s3a://bucket",
    "s3a://bucket/, s3a://bucket",
  })
  void absolute_ofWhatUsersWrite_isOneSpelling(String written, String uri) {
    assertThat(Storages.absolute(written, "/base/here")).isEqualTo(uri);
    assertThat(Storages.absolute(uri, "/elsewhere")).as("again").isEqualTo(uri);
  }

  @Test
  void absolute_belowAUri_staysInThatStore() {
    assertThat(Storages.absolute("../m1", "hdfs://nn/catalogs")).isEqualTo("hdfs://nn/m1");
    assertThat(Storages.absolute("/m1", "hdfs://nn/catalogs")).isEqualTo("/m1");
  }

  @Test
  void parts_ofUris_areTheOnesPeopleMean() {
    assertThat(Storages.parent("/lake/m1")).isEqualTo("/lake");
    assertThat(Storages.parent("/lake")).isEqualTo("/");
    assertThat(Storages.parent("/")).isEqualTo("/");
    assertThat(Storages.parent("s3a://bucket/m1")).isEqualTo("s3a://bucket");
    assertThat(Storages.baseName("/lake/m1")).isEqualTo("m1");
    assertThat(Storages.baseName("/")).isEmpty();
    assertThat(Storages.baseName("s3a://bucket")).isEqualTo("bucket");
    assertThat(Storages.child("/", "m1")).isEqualTo("/m1");
    assertThat(Storages.child("s3a://bucket", "a/b")).isEqualTo("s3a://bucket/a/b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"relative/m1", "", "file://other/lake", "nonsense://host/m1"})
  void forUri_ofWhatNoStoreHas_saysSo(String uri) {
    StorageException e = catchThrowableOfType(StorageException.class, () -> Storages.forUri(uri));

    assertThat(e.kind()).isEqualTo(StorageException.Kind.UNSUPPORTED);
    assertThat(e).hasMessageContaining(uri);
  }

  @Test
  void forUri_ofSchemeWithoutConnector_namesTheRemedy() {
    StorageException e =
        catchThrowableOfType(StorageException.class, () -> Storages.forUri("nonsense://host/m"));

    assertThat(e).hasMessageContaining("the scheme nonsense. Name a local path");
  }

  @Test
  void resolveLinks_ofPathsThatPartlyExist_resolvesWhatDoes(@TempDir Path folder) throws Exception {
    Path real = Files.createDirectory(folder.toRealPath().resolve("real"));
    Files.createSymbolicLink(folder.resolve("link"), Path.of("real"));

    assertThat(Storages.resolveLinks(folder + "/link")).isEqualTo(real.toString());
    assertThat(Storages.resolveLinks(folder + "/link/not/yet")).isEqualTo(real + "/not/yet");
    assertThat(Storages.resolveLinks("hdfs://nn/m")).isEqualTo("hdfs://nn/m");
  }
}
