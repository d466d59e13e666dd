package dev.countersign.storage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.countersign.storage.IrregularEntry;
import dev.countersign.storage.IrregularEntry.Kind;
import dev.countersign.storage.ListingRules;
import dev.countersign.storage.ListingRulesFixture;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StoredFile;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What only local disks hold: links, pipes, sockets, foreign names, and paths beyond the limits.
 */
final class LocalListingTest {

  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void makeModel() throws Exception {
    model = Files.createDirectory(folder.resolve("model"));
    Files.writeString(model.resolve("file"), "content");
  }

  @Test
  void list_ofLinks_whereNoneAreAllowed_reportsEach() throws Exception {
    link("to-file", "file");
    link("to-directory", ".");
    link("broken", "nothing");
    link("outside", "../../..");

    ModelListing listing = list(false);

    assertThat(listing.files()).extracting(StoredFile::name).containsExactly("file");
    assertThat(listing.irregular())
        .extracting(IrregularEntry::name, IrregularEntry::kind)
        .containsExactly(
            tuple("broken", Kind.SYMLINK),
            tuple("outside", Kind.LINKED_DIRECTORY),
            tuple("to-directory", Kind.LINKED_DIRECTORY),
            tuple("to-file", Kind.SYMLINK));
    assertThat(listing.irregular().get(3).detail()).isEqualTo("a symbolic link to file");
    assertThat(listing.irregular().get(3).followed()).isEqualTo(Kind.SYMLINK);
    assertThat(listing.irregular().get(0).followed()).isEqualTo(Kind.SYMLINK_BROKEN);
  }

  @Test
  void list_ofLinks_whereTheyAreAllowed_takesContentFromWithinTheModelAlone() throws Exception {
    Files.createDirectories(model.resolve("sub/deep"));
    Files.writeString(folder.resolve("secret"), "secret");
    link("sub/deep/up", "../../file");
    link("chain", "sub/deep/up");
    link("escape", "../secret");
    link("broken", "nothing");
    link("cycle", "cycle");
    link("directory", "sub");
    link("device", "/dev/null");

    ModelListing listing = list(true);

    assertThat(listing.files())
        .extracting(StoredFile::name, StoredFile::path, StoredFile::root)
        .containsExactly(
            tuple("chain", "file", 0), tuple("file", "file", 0), tuple("sub/deep/up", "file", 0));
    assertThat(listing.irregular())
        .extracting(IrregularEntry::name, IrregularEntry::kind)
        .containsExactly(
            tuple("broken", Kind.SYMLINK_BROKEN),
            tuple("cycle", Kind.SYMLINK_CYCLE),
            tuple("device", Kind.SPECIAL_FILE),
            tuple("directory", Kind.LINKED_DIRECTORY),
            tuple("escape", Kind.SYMLINK_OUTSIDE));
  }

  @Test
  void list_ofLinkIntoASymlinkRoot_saysWhichRoot() throws Exception {
    Path other = Files.createDirectory(folder.resolve("other"));
    Path blobs = Files.createDirectories(folder.resolve("blobs/sha"));
    Files.writeString(blobs.resolve("abc"), "content");
    link("weights", "../blobs/sha/abc");

    ModelListing listing =
        list(true, List.of(other.toString(), folder.resolve("blobs").toString()));

    assertThat(listing.irregular()).isEmpty();
    assertThat(listing.files().get(1).name()).isEqualTo("weights");
    assertThat(listing.files().get(1).path()).isEqualTo("sha/abc");
    assertThat(listing.files().get(1).root()).isEqualTo(2);
  }

  @Test
  void list_ofRootBehindLinks_listsWhatTheyLeadTo() throws Exception {
    Files.createSymbolicLink(folder.resolve("current"), Path.of("model"));
    Files.createSymbolicLink(folder.resolve("one.bin"), Path.of("current/file"));

    ModelListing directory = LocalListing.of(folder + "/current", rules(false, List.of()));
    ModelListing single = LocalListing.of(folder + "/one.bin", rules(true, List.of()));
    ModelListing below = LocalListing.of(folder + "/current/file", rules(false, List.of()));

    assertThat(directory.files()).extracting(StoredFile::name).containsExactly("file");
    assertThat(single.files())
        .extracting(StoredFile::name, StoredFile::path)
        .containsExactly(tuple("one.bin", ""));
    assertThat(below.files()).extracting(StoredFile::name).containsExactly("file");
  }

  @Test
  void list_ofAModelThatIsItselfALinkToAFile_reportsTheLinkUnlessLinksAreAllowed()
      throws Exception {
    Files.createSymbolicLink(folder.resolve("one.bin"), Path.of("model/file"));

    ModelListing listing = LocalListing.of(folder + "/one.bin", rules(false, List.of()));

    assertThat(listing.singleFile()).isTrue();
    assertThat(listing.files()).isEmpty();
    assertThat(listing.irregular())
        .containsExactly(
            new IrregularEntry("one.bin", Kind.SYMLINK, "a symbolic link to model/file"));
  }

  @Test
  void list_ofALinkToALink_namesTheFinalTarget() throws Exception {
    Files.createDirectories(folder.resolve("real/ab"));
    Files.writeString(folder.resolve("real/ab/hash"), "content");
    Files.createSymbolicLink(folder.resolve("store"), Path.of("real"));
    Files.createDirectory(folder.resolve("blobs"));
    Files.createSymbolicLink(folder.resolve("blobs/etag"), Path.of("../store/ab/hash"));
    Files.createSymbolicLink(folder.resolve("blobs/gone"), Path.of("../store/ab/gone"));
    link("good", "../blobs/etag");
    link("lost", "../blobs/gone");

    assertThat(list(false).irregular().get(0).detail())
        .isEqualTo(
            "a symbolic link to ../blobs/etag, which leads to "
                + folder.toRealPath()
                + "/real/ab/hash, outside the model and all symlink roots");
    assertThat(list(true, List.of(folder + "/blobs")).irregular())
        .extracting(IrregularEntry::detail)
        .containsExactly(
            "a symbolic link to ../blobs/etag, which leads to "
                + folder.toRealPath()
                + "/real/ab/hash, outside the model and all symlink roots",
            "a symbolic link to ../blobs/gone, which leads to "
                + folder.toRealPath()
                + "/real/ab/gone, where nothing is");
  }

  @Test
  @Timeout(120)
  void list_ofPipesAndSockets_reportsThemUnopened() throws Exception {
    run("mkfifo", model.resolve("pipe").toString());
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(model.resolve("socket")));

      ModelListing listing = list(false);
      StorageException root =
          catchThrowableOfType(
              StorageException.class,
              () -> LocalListing.of(model + "/pipe", rules(false, List.of())));

      assertThat(listing.irregular())
          .extracting(IrregularEntry::name, IrregularEntry::kind)
          .containsExactly(tuple("pipe", Kind.SPECIAL_FILE), tuple("socket", Kind.SPECIAL_FILE));
      assertThat(root).hasMessageContaining("is neither a file nor a directory");
    }
  }

  @Test
  void list_ofForeignBytesInNames_reportsThemEscaped() throws Exception {
    run("sh", "-c", "cd '" + model + "' && printf x > \"$(printf 'bad\\377name')\"");

    ModelListing listing = list(false);

    assertThat(listing.files()).extracting(StoredFile::name).containsExactly("file");
    assertThat(listing.irregular())
        .extracting(IrregularEntry::name, IrregularEntry::kind)
        .containsExactly(tuple("bad\\xFFname", Kind.NAME_NOT_UTF8));
  }

  @Test
  void list_ofReplacementCharacterInAName_takesItAsTheNameItIs() throws Exception {
    Files.writeString(model.resolve("a\uFFFDb"), "x");

    assertThat(list(false).files())
        .extracting(StoredFile::name)
        .containsExactly("a\uFFFDb", "file");
  }

  @Test
  void list_ofComposedAndDecomposedSpelling_hasTwoFiles() throws Exception {
    Files.writeString(model.resolve("\u00E9"), "composed");
    Files.writeString(model.resolve("e\u0301"), "decomposed");

    assertThat(list(false).files())
        .extracting(StoredFile::name)
        .containsExactly("e\u0301", "file", "\u00E9");
  }

  @Test
  void list_ofFiveThousandLevels_endsInALimit() throws Exception {
    makeLevels();
    try {
      StorageException depth = failure(1_000);
      StorageException path = failure(Integer.MAX_VALUE);

      assertThat(depth.kind()).isEqualTo(StorageException.Kind.LIMIT_EXCEEDED);
      assertThat(depth).hasMessageContaining("more than 1000 levels below the model");
      assertThat(path.kind()).isEqualTo(StorageException.Kind.LIMIT_EXCEEDED);
      assertThat(path).hasMessageContaining("longer than 4095 bytes");
    } finally {
      // Too deep for the file visitor that clears temporary folders.
      run("rm", "-rf", model.resolve("d").toString());
    }
  }

  @Test
  @Timeout(300)
  void list_ofTwentyThousandFiles_staysFarBelowASecondPerThousand() throws Exception {
    for (int directory = 0; directory < 20; directory++) {
      Path into = Files.createDirectory(model.resolve("d" + directory));
      for (int file = 0; file < 1_000; file++) {
        Files.createFile(into.resolve("f" + file));
      }
    }

    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime();
    ModelListing listing = list(false);
    long millis = (threads.getCurrentThreadCpuTime() - start) / 1_000_000;

    assertThat(listing.files()).hasSize(20_001);
    assertThat(millis).as("CPU milliseconds for 20,001 files").isLessThan(20_000);
  }

  private StorageException failure(int maxDepth) {
    return catchThrowableOfType(
        StorageException.class,
        () ->
            LocalListing.of(
                model.toString(),
                ListingRulesFixture.of(
                    name -> false, false, List.of(), maxDepth, 100_000, Long.MAX_VALUE)));
  }

  /** Makes 5,000 levels: a path so long cannot be named, so pieces are moved into each other. */
  private void makeLevels() throws Exception {
    String piece = "d/".repeat(1_000);
    Path chain = folder.resolve("chain");
    Files.createDirectories(chain.resolve(piece));
    for (int pieces = 1; pieces < 5; pieces++) {
      Path longer = folder.resolve("longer");
      Files.createDirectories(longer.resolve(piece));
      Files.move(chain.resolve("d"), longer.resolve(piece + "d"));
      Files.delete(chain);
      Files.move(longer, chain);
    }
    Files.move(chain.resolve("d"), model.resolve("d"));
  }

  private void link(String name, String target) throws Exception {
    Files.createSymbolicLink(model.resolve(name), Path.of(target));
  }

  private ModelListing list(boolean allowSymlinks) throws StorageException {
    return list(allowSymlinks, List.of());
  }

  private ModelListing list(boolean allowSymlinks, List<String> symlinkRoots)
      throws StorageException {
    return LocalListing.of(model.toString(), rules(allowSymlinks, symlinkRoots));
  }

  private static ListingRules rules(boolean allowSymlinks, List<String> symlinkRoots) {
    return ListingRulesFixture.of(
        name -> false, allowSymlinks, symlinkRoots, 100, 1_000_000, Long.MAX_VALUE);
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
        .as(String.join(" ", command))
        .isZero();
  }
}
