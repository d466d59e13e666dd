package dev.countersign.storage.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.storage.ModelStorageContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract, on a local disk. */
final class LocalStorageTest extends ModelStorageContract {

  @TempDir private Path folder;

  @Test
  void readFully_ofALargeFile_takesNoSuchMemoryOutsideTheHeap() throws Exception {
    byte[] content = new byte[32 << 20];
    Arrays.fill(content, (byte) 7);
    put(folder + "/model.sig", content);
    long before = DirectMemory.bytes();

    byte[] read = new LocalStorage().readFully(folder + "/model.sig", content.length);

    assertThat(DirectMemory.bytes() - before).isLessThan(4 << 20);
    assertThat(read).isEqualTo(content);
  }

  @Override
  protected String folder() {
    return folder.toString();
  }

  @Override
  protected void put(String uri, byte[] content) throws IOException {
    Path path = Path.of(uri);
    Files.createDirectories(path.getParent());
    Files.write(path, content);
  }

  @Override
  protected void append(String uri, byte[] content) throws IOException {
    Files.write(Path.of(uri), content, StandardOpenOption.APPEND);
  }

  @Override
  protected void makeFolder(String uri) throws IOException {
    Files.createDirectories(Path.of(uri));
  }

  @Override
  protected void delete(String uri) throws IOException {
    Files.delete(Path.of(uri));
  }
}
