package dev.countersign.hashing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KernelCacheTest {

  @TempDir private Path folder;

  @Test
  void get_afterPut_isWhatWasPut() {
    Path file = folder.resolve("kernels").resolve("key.properties");

    new KernelCache(file).put("sha256", "JDK SHA-256");
    new KernelCache(file).put("blake3", "BLAKE3 in vectors of 16 lanes");

    assertThat(new KernelCache(file).get("sha256")).contains("JDK SHA-256");
    assertThat(new KernelCache(file).get("blake3")).contains("BLAKE3 in vectors of 16 lanes");
    assertThat(new KernelCache(file).get("blake2b")).isEmpty();
  }

  @Test
  void put_intoANewFolder_makesItPrivate() throws IOException {
    Path file = folder.resolve("kernels").resolve("key.properties");

    new KernelCache(file).put("sha256", "JDK SHA-256");

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
        .isEqualTo("rwx------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void get_ofAFileThatIsNotACache_isEmpty() throws IOException {
    Path file = Files.writeString(folder.resolve("key.properties"), "\\u00\nsha256");

    assertThat(new KernelCache(file).get("blake3")).isEmpty();
  }

  @Test
  void put_whereNothingCanBeWritten_changesNothing() throws IOException {
    Path occupied = Files.writeString(folder.resolve("kernels"), "a file");
    KernelCache cache = new KernelCache(occupied.resolve("key.properties"));

    cache.put("sha256", "JDK SHA-256");

    assertThat(cache.get("sha256")).isEmpty();
    assertThat(occupied).hasContent("a file");
  }

  @Test
  void folder_ofAUser_isBelowTheirCache() {
    assertThat(KernelCache.folder(Map.of("XDG_CACHE_HOME", "/cache", "HOME", "/home/u")))
        .isEqualTo(Path.of("/cache/countersign/kernels"));
    assertThat(KernelCache.folder(Map.of("XDG_CACHE_HOME", "cache", "HOME", "/home/u")))
        .isEqualTo(Path.of("/home/u/.cache/countersign/kernels"));
    assertThat(KernelCache.folder(Map.of())).isNull();
  }
}
