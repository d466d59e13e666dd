package dev.countersign.storage.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.countersign.storage.ModelStorageContract;
import dev.countersign.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The contract, on a local disk. */
final class LocalStorageTest extends ModelStorageContract {

  @TempDir private Path folder;

  @Override
  protected String folder() {
    return folder.toString();
  }

  /** Such files say that they are empty. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void readFully_ofWhatIsLongerThanItsLength_holdsItToTheLimit() throws Exception {
    String uri = "/proc/self/status";

    byte[] content = storage().readFully(uri, 1 << 20);
    Throwable thrown = catchThrowable(() -> storage().readFully(uri, 10));

    assertThat(content).asString(UTF_8).startsWith("Name:").contains("Pid:");
    assertThat(thrown)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("has more than 10 bytes, which is the limit");
    assertThat(((StorageException) thrown).kind()).isEqualTo(StorageException.Kind.LIMIT_EXCEEDED);
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
