package dev.countersign.storage.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.storage.ListingRulesFixture;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StoredFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Attacks on a model between the listing and the last byte, one test each. */
final class LocalModelReaderTest {

  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void makeModel() throws Exception {
    model = Files.createDirectories(folder.resolve("model/sub")).getParent();
    Files.writeString(model.resolve("sub/file"), "content");
    Files.createDirectory(folder.resolve("elsewhere"));
    Files.writeString(folder.resolve("elsewhere/file"), "SECRETS");
  }

  @Test
  void open_ofFileSwappedForALink_isChanged() throws Exception {
    StoredFile planned = planned();

    Files.delete(model.resolve("sub/file"));
    Files.createSymbolicLink(model.resolve("sub/file"), folder.resolve("elsewhere/file"));

    assertChanged(failure(planned), "is no longer a regular file");
  }

  @Test
  void open_ofDirectorySwappedForALink_isChanged() throws Exception {
    StoredFile planned = planned();

    Files.move(model.resolve("sub"), folder.resolve("away"));
    Files.createSymbolicLink(model.resolve("sub"), folder.resolve("away"));

    // The path still leads to the very file that was planned, but through a link.
    assertChanged(failure(planned), "was deleted or moved");
  }

  @Test
  @Timeout(120)
  void open_ofFileSwappedForAPipe_isChangedAndDoesNotWait() throws Exception {
    StoredFile planned = planned();

    Files.delete(model.resolve("sub/file"));
    int made = new ProcessBuilder("mkfifo", model.resolve("sub/file").toString()).start().waitFor();

    assertThat(made).isZero();
    assertChanged(failure(planned), "is no longer a regular file");
  }

  @Test
  void open_ofHeldDirectoryThatWasReplaced_isChanged() throws Exception {
    Files.writeString(model.resolve("sub/other"), "content");
    List<StoredFile> files = list();
    try (ModelReader reader = new LocalModelReader(model.toString(), List.of())) {
      reader.open(files.get(0), 0, 7).close();
      Files.move(model.resolve("sub"), folder.resolve("away"));
      Files.createDirectory(model.resolve("sub"));
      Files.move(folder.resolve("away/other"), model.resolve("sub/other"));

      StorageException e =
          catchThrowableOfType(StorageException.class, () -> reader.open(files.get(1), 0, 7));

      assertThat(e.kind()).isEqualTo(StorageException.Kind.CHANGED);
    }
  }

  @Test
  void finish_ofFileRewrittenInPlaceWithItsOldTime_isChanged() throws Exception {
    StoredFile planned = planned();
    Path file = model.resolve("sub/file");
    FileTime before = Files.getLastModifiedTime(file);
    try (ModelReader reader = new LocalModelReader(model.toString(), List.of());
        RangeInput input = reader.open(planned, 0, 7)) {
      byte[] buffer = new byte[7];
      int read = input.read(buffer, 0, 7);
      // Past the kernel's clock tick, which both change times may otherwise share.
      Thread.sleep(20);
      Files.writeString(file, "CONTENT");
      Files.setLastModifiedTime(file, before);

      StorageException e = catchThrowableOfType(StorageException.class, input::finish);

      assertThat(read).isEqualTo(7);
      assertChanged(e, "was written to or replaced");
    }
  }

  @Test
  void open_ofFileWrittenToSince_isChangedBeforeItIsRead() throws Exception {
    StoredFile planned = planned();
    FileTime before = Files.getLastModifiedTime(model.resolve("sub/file"));

    Files.writeString(model.resolve("sub/file"), "CONTENT");
    Files.setLastModifiedTime(
        model.resolve("sub/file"), FileTime.fromMillis(before.toMillis() + 1000));

    assertChanged(failure(planned), "was written to or replaced");
  }

  @Test
  void finish_ofFileReplacedByOneOfItsLengthAndTime_isChanged() throws Exception {
    StoredFile planned = planned();
    Files.move(decoy().resolve("file"), model.resolve("sub/file"), REPLACE_EXISTING);
    try (ModelReader reader = new LocalModelReader(model.toString(), List.of());
        RangeInput input = reader.open(planned, 0, 7)) {
      int read = input.read(new byte[7], 0, 7);

      StorageException e = catchThrowableOfType(StorageException.class, input::finish);

      assertThat(read).isEqualTo(7);
      assertChanged(e, "was written to or replaced");
    }
  }

  @Test
  void finish_ofFileWhoseFolderWasAnotherWhenItWasOpened_isChanged() throws Exception {
    StoredFile planned = planned();
    Path decoy = decoy();
    Files.move(model.resolve("sub"), folder.resolve("away"));
    Files.move(decoy, model.resolve("sub"));
    try (ModelReader reader = new LocalModelReader(model.toString(), List.of());
        RangeInput input = reader.open(planned, 0, 7)) {
      int read = input.read(new byte[7], 0, 7);
      Files.move(model.resolve("sub"), decoy);
      Files.move(folder.resolve("away"), model.resolve("sub"));

      StorageException e = catchThrowableOfType(StorageException.class, input::finish);

      // The planned file is back, with the change time it had: moving its folder leaves that alone.
      assertThat(read).isEqualTo(7);
      assertThat(planned()).isEqualTo(planned);
      assertChanged(e, "was replaced");
    }
  }

  @Test
  void read_ofFileTruncatedWhileItIsRead_isChanged() throws Exception {
    Files.write(model.resolve("sub/file"), new byte[1_000_000]);
    StoredFile planned = planned();
    try (ModelReader reader = new LocalModelReader(model.toString(), List.of());
        RangeInput input = reader.open(planned, 0, planned.length())) {
      byte[] buffer = new byte[1000];
      int first = input.read(buffer, 0, 1000);
      Files.write(model.resolve("sub/file"), new byte[1000]);

      StorageException e =
          catchThrowableOfType(StorageException.class, () -> input.read(buffer, 0, 1000));

      assertThat(first).isEqualTo(1000);
      assertChanged(e, "had 1000000 bytes when the model was listed and now ends at 1000");
    }
  }

  @Test
  void finish_ofFileAppendedToWhileItIsRead_isChangedAfterOneByteMore() throws Exception {
    StoredFile planned = planned();
    try (ModelReader reader = new LocalModelReader(model.toString(), List.of());
        RangeInput input = reader.open(planned, 0, 7)) {
      int read = input.read(new byte[100], 0, 100);
      Files.write(model.resolve("sub/file"), new byte[1000]);

      StorageException e = catchThrowableOfType(StorageException.class, input::finish);

      assertThat(read).isEqualTo(7);
      assertChanged(e, "is longer than the 7 bytes");
    }
  }

  @Test
  void finish_beforeTheEnd_isTheCallersMistake() throws Exception {
    StoredFile planned = planned();
    try (ModelReader reader = new LocalModelReader(model.toString(), List.of());
        RangeInput input = reader.open(planned, 0, 7)) {
      IllegalStateException e = catchThrowableOfType(IllegalStateException.class, input::finish);

      assertThat(e).hasMessage("7 bytes of the range are not read yet");
    }
  }

  @Test
  void open_ofLinkedContent_readsItWhereItLies() throws Exception {
    Files.createSymbolicLink(model.resolve("linked"), folder.resolve("elsewhere/file"));
    List<String> roots = List.of(folder.resolve("elsewhere").toString());
    StoredFile linked =
        LocalListing.of(
                model.toString(),
                ListingRulesFixture.of(name -> false, true, roots, 9, 9, Long.MAX_VALUE))
            .files()
            .get(0);

    try (ModelReader reader = new LocalModelReader(model.toString(), roots);
        RangeInput input = reader.open(linked, 2, 7)) {
      byte[] buffer = new byte[10];
      int read = input.read(buffer, 0, 10);
      input.finish();

      assertThat(linked.name()).isEqualTo("linked");
      assertThat(new String(buffer, 0, read, UTF_8)).isEqualTo("CRETS");
    }
  }

  @Test
  void open_ofPathThatLeavesTheRoot_isRefused() throws Exception {
    String version = LocalAttributes.of(folder.resolve("elsewhere/file")).version();

    StorageException e = failure(new StoredFile("x", "../elsewhere/file", 0, 7, version, 0));

    assertThat(e.kind()).isEqualTo(StorageException.Kind.NAME);
  }

  /** A folder like the model's, whose file has another content of the same length and time. */
  private Path decoy() throws IOException {
    Path decoy = Files.createDirectory(folder.resolve("decoy"));
    Path file = Files.writeString(decoy.resolve("file"), "SECRETS");
    return Files.setLastModifiedTime(file, Files.getLastModifiedTime(model.resolve("sub/file")))
        .getParent();
  }

  private StoredFile planned() throws StorageException {
    return list().get(0);
  }

  private List<StoredFile> list() throws StorageException {
    return LocalListing.of(
            model.toString(),
            ListingRulesFixture.of(name -> false, false, List.of(), 9, 9, Long.MAX_VALUE))
        .files();
  }

  private StorageException failure(StoredFile file) {
    StorageException failure =
        catchThrowableOfType(
            StorageException.class,
            () -> {
              try (ModelReader reader = new LocalModelReader(model.toString(), List.of())) {
                reader.open(file, 0, file.length()).close();
              }
            });
    assertThat(failure).as("a StorageException").isNotNull();
    return failure;
  }

  private static void assertChanged(StorageException e, String what) {
    assertThat(e.kind()).isEqualTo(StorageException.Kind.CHANGED);
    assertThat(e).hasMessageContaining(what).hasMessageContaining("model/sub/file");
  }
}
