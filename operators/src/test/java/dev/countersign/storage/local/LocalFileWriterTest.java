package dev.countersign.storage.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can go wrong with a file on a local disk, and that nothing half-written is ever left. */
final class LocalFileWriterTest {

  @TempDir private Path folder;

  @Test
  void write_overALink_replacesTheLinkAndNotItsTarget() throws Exception {
    Files.writeString(folder.resolve("target"), "untouched");
    Files.createSymbolicLink(folder.resolve("model.sig"), Path.of("target"));

    write("model.sig", "new");

    assertThat(folder.resolve("model.sig")).isRegularFile().hasContent("new");
    assertThat(Files.isSymbolicLink(folder.resolve("model.sig"))).isFalse();
    assertThat(folder.resolve("target")).hasContent("untouched");
  }

  @Test
  void write_overALinkInPlaceOfTheTemporary_doesNotFollowIt() throws Exception {
    Files.writeString(folder.resolve("target"), "untouched");
    Files.createSymbolicLink(folder.resolve(".model.sig.countersign-tmp"), Path.of("target"));

    write("model.sig", "new");

    assertThat(folder.resolve("target")).hasContent("untouched");
    assertThat(names()).containsExactlyInAnyOrder("model.sig", "target");
  }

  @Test
  void write_afterACrash_takesTheTemporarysPlace() throws Exception {
    Files.writeString(folder.resolve(".model.sig.countersign-tmp"), "half of it");

    write("model.sig", "new");

    assertThat(names()).containsExactly("model.sig");
    assertThat(folder.resolve("model.sig")).hasContent("new");
  }

  @Test
  void write_ofALargeFile_takesNoSuchMemoryOutsideTheHeap() throws Exception {
    byte[] content = new byte[32 << 20];
    Arrays.fill(content, (byte) 7);
    long before = DirectMemory.bytes();

    new LocalFileWriter(folder + "/model.sig").write(content);

    assertThat(DirectMemory.bytes() - before).isLessThan(4 << 20);
    assertThat(Files.readAllBytes(folder.resolve("model.sig"))).isEqualTo(content);
  }

  @Test
  void write_toADiskThatIsFull_isNoSpaceAndLeavesTheOldFileWhole() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk.toString()) == 0,
        "needs the right to mount");
    try {
      write("disk/model.sig", "old");

      StorageException e =
          catchThrowableOfType(
              StorageException.class,
              () -> new LocalFileWriter(disk + "/model.sig").write(new byte[100_000]));

      assertThat(e.kind()).isEqualTo(StorageException.Kind.NO_SPACE);
      assertThat(e)
          .hasMessage(
              disk
                  + "/model.sig cannot be written: no space is left for its 100000 bytes. Free some,"
                  + " or name another place.");
      assertThat(disk.resolve("model.sig")).hasContent("old");
      assertThat(disk.toFile().list()).containsExactly("model.sig");
    } finally {
      assertThat(run("umount", disk.toString())).isZero();
    }
  }

  @Test
  void write_whereNobodyMay_isNotWritable() {
    // A file system of the kernel's own: not even root makes files there.
    String uri = "/proc/model.sig";

    StorageException e =
        catchThrowableOfType(
            StorageException.class, () -> new LocalFileWriter(uri).write(new byte[1]));

    assertThat(e.kind()).isEqualTo(StorageException.Kind.NOT_WRITABLE);
    assertThat(e)
        .hasMessageContaining("/proc/model.sig cannot be written: ")
        .hasMessageEndingWith("or name another place.");
  }

  private void write(String name, String content) throws StorageException {
    new LocalFileWriter(folder + "/" + name).write(content.getBytes(UTF_8));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    }
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
