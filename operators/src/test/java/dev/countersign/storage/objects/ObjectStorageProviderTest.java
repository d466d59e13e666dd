package dev.countersign.storage.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageException.Kind;
import dev.countersign.storage.Storages;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ObjectStorageProviderTest {

  private final ObjectStorageProvider provider = new ObjectStorageProvider();

  @Test
  void takes_onlyUrisOfItsStores() {
    assertThat(provider.takes("mem://b/k")).isTrue();
    assertThat(provider.takes("MEM://b/k")).isTrue();
    assertThat(provider.takes("hdfs://n/k")).isFalse();
    assertThat(provider.takes("/mem://b/k")).isFalse();
    assertThat(provider.takes("mem")).isFalse();
  }

  @Test
  void storage_ofOneBucketAndSettings_isOne() throws Exception {
    Map<String, String> settings = Map.of("a", "b");

    assertThat(provider.storage("mem://b/k", settings))
        .isSameAs(provider.storage("mem://b/other/", Map.of("a", "b")))
        .isNotSameAs(provider.storage("mem://b/k", Map.of()))
        .isNotSameAs(provider.storage("mem://c/k", settings));
  }

  @Test
  void storage_ofMoreBucketsThanAreKept_keepsThoseUsedLast() throws Exception {
    ModelStorage first = provider.storage("mem://b0/k", Map.of());
    ModelStorage used = provider.storage("mem://used/k", Map.of());

    for (int i = 1; i < 1_000; i++) {
      ModelStorage unused = provider.storage("mem://b" + i + "/k", Map.of());
      assertThat(provider.storage("mem://used/k", Map.of())).isSameAs(used);
    }

    assertThat(provider.storage("mem://b0/k", Map.of())).isNotSameAs(first);
  }

  @Test
  void storage_thatNobodyAsksYet_hasNoThread() throws Exception {
    long before = threadsOfClients();

    for (int i = 0; i < 100; i++) {
      ModelStorage unused =
          provider.storage("gs://bucket" + i + "/k", Map.of("fs.gs.auth.type", "UNAUTHENTICATED"));
    }

    assertThat(threadsOfClients()).isLessThanOrEqualTo(before);
  }

  private static long threadsOfClients() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("HttpClient-"))
        .count();
  }

  @Test
  void storage_whoseConnectorIsMissing_saysHowToAddIt() {
    assertThatThrownBy(() -> provider.requireFileSystem("mem://incomplete/k", Map.of()))
        .isInstanceOfSatisfying(
            StorageException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED))
        .hasMessage(
            "mem://incomplete/k cannot be used: the memory connector is not on the class path, or"
                + " is not complete (com/example/Missing). Put the jars of the folder"
                + " connectors/memory on the class path: in connectors/memory beside"
                + " countersign.jar for the command, in lib/ of every Flink process on a cluster.");
  }

  @Test
  void storage_withoutABucket_isRefused() {
    assertThatThrownBy(() -> Storages.forUri("mem:///k"))
        .isInstanceOf(StorageException.class)
        .hasMessage("mem:///k names no bucket. Write mem://BUCKET/PATH.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mem://b/a//c",
        "mem://b//c",
        "mem://b/./c",
        "mem://b/a/../c",
        "mem://b/..",
        "mem://b/c//",
        "mem:/b//c"
      })
  void exact_ofAUriWithASegmentThatIsNoName_isRefused(String written) {
    assertThatThrownBy(() -> Storages.exact(written, "/"))
        .isInstanceOfSatisfying(
            StorageException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NAME))
        .hasMessageStartingWith(
            written + " has a segment that is empty, . or .., which keys in an object store")
        .hasMessageEndingWith("Write " + Storages.absolute(written, "/") + " if you mean that.");
  }

  @Test
  void exact_ofOtherUris_isAsAbsolute() throws Exception {
    assertThat(Storages.exact("mem://b/a/c/", "/")).isEqualTo("mem://b/a/c");
    assertThat(Storages.exact("mem://b", "/")).isEqualTo("mem://b");
    assertThat(Storages.exact("../c", "mem://b/a")).isEqualTo("mem://b/c");
    assertThat(Storages.exact("hdfs://n/a//c/../d", "/")).isEqualTo("hdfs://n/a/d");
    assertThat(Storages.exact("/a//b/../c", "/")).isEqualTo("/a/c");
    assertThatThrownBy(() -> Storages.exact("a//c", "mem://b"))
        .isInstanceOf(StorageException.class);
  }

  @Test
  void namesStore_ofAForeignOne_isFalse() throws Exception {
    assertThat(Storages.isConfigured("mem://foreign/k")).isFalse();
    assertThat(Storages.isConfigured("mem://lab/k")).isTrue();
  }
}
