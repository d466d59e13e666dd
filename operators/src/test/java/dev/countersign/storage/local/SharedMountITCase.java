package dev.countersign.storage.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.storage.ListingRulesFixture;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One directory under two device numbers, as two hosts see one NFS or Lustre mount: models are
 * listed in one view, and read and written in the other. Needs {@code bindfs} and the right to
 * mount.
 */
final class SharedMountITCase {

  @TempDir private Path folder;

  private final LocalStorage storage = new LocalStorage();
  private Path here;
  private Path there;

  @BeforeEach
  void mount() throws Exception {
    here = Files.createDirectory(folder.resolve("here"));
    there = Files.createDirectory(folder.resolve("there"));
    Files.createDirectory(here.resolve("model"));
    Files.writeString(here.resolve("model/weights"), "weights");
    boolean mounted =
        run("bindfs", "-o", "attr_timeout=0,entry_timeout=0", here.toString(), there.toString())
            == 0;
    if (!mounted && !Boolean.getBoolean("mounts.required")) {
      System.err.println(
          "SharedMountITCase is SKIPPED: bindfs cannot be run here, so nothing shows that a mount"
              + " that hosts share has other device numbers on each. Install bindfs, and allow"
              + " FUSE mounts.");
    }
    assumeTrue(
        mounted || Boolean.getBoolean("mounts.required"), "needs bindfs and the right to mount");
    assertThat(mounted).as("bindfs has mounted another view").isTrue();
    assertThat(Files.getAttribute(there.resolve("model"), "unix:dev"))
        .as("the device number of the other view")
        .isNotEqualTo(Files.getAttribute(here.resolve("model"), "unix:dev"));
  }

  @AfterEach
  void unmount() throws Exception {
    if (Files.exists(there.resolve("model"))) {
      assertThat(run("fusermount", "-u", there.toString())).isZero();
    }
  }

  @Test
  void read_ofFilesThatAnotherHostListed_findsThemUnchanged() throws Exception {
    ModelListing listing = list(here);

    try (ModelReader reader = storage.openModel(there + "/model", List.of());
        RangeInput input = reader.open(listing.files().get(0), 0, 7)) {
      byte[] content = new byte[7];
      assertThat(input.read(content, 0, 7)).isEqualTo(7);
      input.finish();
      assertThat(content).asString(UTF_8).isEqualTo("weights");
    }
    assertThat(list(there).fingerprint()).isEqualTo(listing.fingerprint());
  }

  @Test
  void write_intoAFolderThatAnotherHostPinned_writes() throws Exception {
    storage.writeAtomically(there + "/model/model.sig", new byte[3], pinnedElsewhere());

    assertThat(here.resolve("model/model.sig")).hasBinaryContent(new byte[3]);
  }

  @Test
  void write_intoAFolderThatAnotherHostPinnedAndALinkReplaced_writesNothing() throws Exception {
    PinnedFolder pinned = pinnedElsewhere();
    Path other = Files.createDirectory(here.resolve("other"));
    Files.move(here.resolve("model"), here.resolve("moved"));
    Files.createSymbolicLink(here.resolve("model"), Path.of("other"));

    StorageException e =
        catchThrowableOfType(
            StorageException.class,
            () -> storage.writeAtomically(there + "/model/model.sig", new byte[3], pinned));

    assertThat(e.kind()).isEqualTo(StorageException.Kind.CHANGED);
    assertThat(other).isEmptyDirectory();
  }

  @Test
  void write_intoAFolderThatThisProcessPinnedUnderAnotherDevice_writesNothing() throws Exception {
    PinnedFolder pinned = storage.pin(here + "/model/model.sig");

    StorageException e =
        catchThrowableOfType(
            StorageException.class,
            () ->
                storage.writeAtomically(
                    there + "/model/model.sig",
                    new byte[3],
                    new PinnedFolder(there + "/model", pinned.identity())));

    assertThat(e.kind()).isEqualTo(StorageException.Kind.CHANGED);
    assertThat(here.resolve("model/model.sig")).doesNotExist();
  }

  /** Returns what a process on another host says of the model's folder. */
  private PinnedFolder pinnedElsewhere() throws StorageException {
    String identity = storage.pin(here + "/model/model.sig").identity();
    String process = identity.substring(identity.lastIndexOf('/'));
    return new PinnedFolder(there + "/model", identity.replace(process, "/another-process"));
  }

  private ModelListing list(Path view) throws StorageException {
    return storage.list(
        view + "/model", ListingRulesFixture.of(name -> false, false, List.of(), 9, 9, 99));
  }

  private static int run(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor();
    } catch (IOException e) {
      return -1; // No such program.
    }
  }
}
