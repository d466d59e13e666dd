package dev.countersign.storage.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.countersign.storage.IrregularEntry;
import dev.countersign.storage.IrregularEntry.Kind;
import dev.countersign.storage.ListingRules;
import dev.countersign.storage.ListingRulesFixture;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StoredFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** File systems that are meant to exhaust or to mislead whoever lists and reads them. */
@Timeout(180)
final class LocalHostileFilesTest {

  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void makeModel() throws IOException {
    model = Files.createDirectory(folder.resolve("model"));
  }

  @Test
  void list_ofTooManyEntries_stopsAtTheLimitRatherThanAtTheEnd() throws Exception {
    for (int i = 0; i < 5_000; i++) {
      Files.createFile(model.resolve("f" + i));
    }
    AtomicLong looked = new AtomicLong();

    StorageException refused = refused(counting(looked), false, 99, 100, Long.MAX_VALUE);

    assertThat(refused.kind()).isEqualTo(StorageException.Kind.LIMIT_EXCEEDED);
    assertThat(refused).hasMessageContaining("has more than 100 files");
    assertThat(looked.get()).isEqualTo(101);
  }

  @Test
  void list_ofTooManyLinks_stopsAtTheLimit() throws Exception {
    for (int i = 0; i < 500; i++) {
      Files.createSymbolicLink(model.resolve("l" + i), Path.of("l" + (i + 1) % 500));
    }
    AtomicLong looked = new AtomicLong();

    StorageException refused = refused(counting(looked), true, 99, 100, Long.MAX_VALUE);

    assertThat(refused.kind()).isEqualTo(StorageException.Kind.LIMIT_EXCEEDED);
    assertThat(looked.get()).isEqualTo(101);
  }

  @Test
  void list_ofTenThousandLinks_takesEachForItsTarget() throws Exception {
    Files.writeString(model.resolve("target"), "content");
    for (int i = 0; i < 10_000; i++) {
      Files.createSymbolicLink(model.resolve("l" + i), Path.of("target"));
    }

    ModelListing listing = LocalListing.of(model.toString(), rules(name -> false, true));

    assertThat(listing.files()).hasSize(10_001).allMatch(file -> file.path().equals("target"));
  }

  @Test
  void list_ofLinksInACircle_reportsEachOfThem() throws Exception {
    Files.createSymbolicLink(model.resolve("a"), Path.of("b"));
    Files.createSymbolicLink(model.resolve("b"), Path.of("sub/c"));
    Files.createDirectory(model.resolve("sub"));
    Files.createSymbolicLink(model.resolve("sub/c"), Path.of("../a"));
    Files.createSymbolicLink(model.resolve("sub/up"), Path.of(".."));

    ModelListing listing = LocalListing.of(model.toString(), rules(name -> false, true));

    assertThat(listing.files()).isEmpty();
    assertThat(listing.irregular())
        .extracting(IrregularEntry::name, IrregularEntry::kind)
        .containsExactly(
            tuple("a", Kind.SYMLINK_CYCLE),
            tuple("b", Kind.SYMLINK_CYCLE),
            tuple("sub/c", Kind.SYMLINK_CYCLE),
            tuple("sub/up", Kind.LINKED_DIRECTORY));
  }

  @Test
  void list_ofTooManyLevels_stopsAtTheLimit() throws Exception {
    Files.createDirectories(model.resolve("d/".repeat(1_000)));
    AtomicLong looked = new AtomicLong();

    StorageException refused = refused(counting(looked), false, 100, 1_000_000, Long.MAX_VALUE);

    assertThat(refused.kind()).isEqualTo(StorageException.Kind.LIMIT_EXCEEDED);
    assertThat(refused).hasMessageContaining("is more than 100 levels below the model");
    assertThat(looked.get()).isEqualTo(101);
  }

  @Test
  void list_ofAThousandLevelsThatAreAllowed_findsAndReadsWhatLiesThere() throws Exception {
    String deep = "d/".repeat(1_000);
    Files.createDirectories(model.resolve(deep));
    Files.writeString(model.resolve(deep + "file"), "deep");

    StoredFile file =
        LocalListing.of(
                model.toString(),
                ListingRulesFixture.of(
                    name -> false, false, List.of(), 1_001, 1_000, Long.MAX_VALUE))
            .files()
            .get(0);

    assertThat(file.name()).isEqualTo(deep + "file");
    assertThat(read(model.toString(), file)).isEqualTo("deep");
  }

  @Test
  void list_ofASparseFileAsLargeAsCanBe_isRefusedByItsLengthAlone() throws Exception {
    long length = makeLarge(model.resolve("large"));

    StorageException refused = refused(name -> false, false, 9, 9, length - 1);
    ModelListing allowed = LocalListing.of(model.toString(), rules(name -> false, false));

    assertThat(refused.kind()).isEqualTo(StorageException.Kind.LIMIT_EXCEEDED);
    assertThat(refused)
        .hasMessageContaining(
            String.format(Locale.ROOT, "has %d bytes, more than %d", length, length - 1));
    assertThat(allowed.totalBytes()).isEqualTo(length);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void read_ofFilesThatSayTheyAreEmpty_isChangedAfterOneByte() throws Exception {
    String proc = "/proc/sys/kernel/random";
    StoredFile empty =
        LocalListing.of(proc, rules(name -> !name.equals("boot_id"), false)).files().get(0);

    StorageException refused =
        catchThrowableOfType(StorageException.class, () -> read(proc, empty));

    assertThat(empty.length()).isZero();
    assertThat(refused.kind()).isEqualTo(StorageException.Kind.CHANGED);
    assertThat(refused).hasMessageContaining("boot_id is longer than the 0 bytes");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void readFully_ofABundleThatSaysItIsEmpty_isChangedAfterOneByte() {
    StorageException refused =
        catchThrowableOfType(
            StorageException.class,
            () -> new LocalStorage().readFully("/proc/sys/kernel/random/boot_id", 1 << 29));

    assertThat(refused.kind()).isEqualTo(StorageException.Kind.CHANGED);
    assertThat(refused).hasMessageContaining("more or fewer than the 0 bytes it had before");
  }

  @Test
  void read_ofAFileThatNeverEnds_takesOneByteMoreThanPlanned() throws Exception {
    Files.writeString(model.resolve("file"), "0123456789");
    StoredFile file = LocalListing.of(model.toString(), rules(name -> false, false)).files().get(0);
    EndlessChannel endless = new EndlessChannel();
    byte[] buffer = new byte[1_000];

    StorageException refused;
    int read;
    int end;
    try (RangeInput input =
        new LocalModelReader.Range(
            new RootDirectory.OpenedFile(endless, null),
            model.resolve("file"),
            file,
            "endless",
            0,
            10)) {
      read = input.read(buffer, 0, 1_000);
      end = input.read(buffer, 0, 1_000);
      refused = catchThrowableOfType(StorageException.class, input::finish);
    }

    assertThat(read).isEqualTo(10);
    assertThat(end).isEqualTo(-1);
    assertThat(endless.position()).isEqualTo(11);
    assertThat(refused.kind()).isEqualTo(StorageException.Kind.CHANGED);
    assertThat(refused).hasMessageContaining("endless is longer than the 10 bytes");
  }

  @Test
  void list_ofNamesThatMoveTheCursor_keepsThemAndShowsThemEscaped() throws Exception {
    Files.writeString(model.resolve("two\nlines\u001B[2J"), "content");

    ModelListing listing = LocalListing.of(model.toString(), rules(name -> false, false));
    StorageException refused = refused(name -> false, false, 9, 9, 6);

    assertThat(listing.files()).extracting(StoredFile::name).containsExactly("two\nlines\u001B[2J");
    assertThat(refused).hasMessageStartingWith("two\\u000alines\\u001b[2J in the model ");
  }

  /** Sets the greatest length that the file system takes, and returns it. */
  private static long makeLarge(Path path) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      for (long length = 1L << 62; length >= 1L << 40; length >>= 1) {
        try {
          file.setLength(length);
          return length;
        } catch (IOException e) {
          assertThat(length).as("bytes that this file system takes").isGreaterThan(1L << 40);
        }
      }
    }
    throw new AssertionError("unreachable");
  }

  private static Predicate<String> counting(AtomicLong looked) {
    return name -> {
      looked.incrementAndGet();
      return false;
    };
  }

  private static ListingRules rules(Predicate<String> ignored, boolean allowSymlinks) {
    return ListingRulesFixture.of(
        ignored, allowSymlinks, List.of(), 100, 1_000_000, Long.MAX_VALUE);
  }

  private StorageException refused(
      Predicate<String> ignored, boolean allowSymlinks, int depth, long files, long bytes) {
    StorageException refused =
        catchThrowableOfType(
            StorageException.class,
            () ->
                LocalListing.of(
                    model.toString(),
                    ListingRulesFixture.of(
                        ignored, allowSymlinks, List.of(), depth, files, bytes)));
    assertThat(refused).as("a StorageException").isNotNull();
    return refused;
  }

  private static String read(String model, StoredFile file) throws StorageException, IOException {
    byte[] buffer = new byte[1_000];
    try (ModelReader reader = new LocalModelReader(model, List.of());
        RangeInput input = reader.open(file, 0, file.length())) {
      int read = input.read(buffer, 0, 1_000);
      input.finish();
      return new String(buffer, 0, Math.max(0, read), UTF_8);
    }
  }

  /** Gives bytes for ever, and counts them. */
  private static final class EndlessChannel implements SeekableByteChannel {
    private long given;

    @Override
    public int read(ByteBuffer buffer) {
      int length = buffer.remaining();
      buffer.put(new byte[length]);
      given += length;
      return length;
    }

    @Override
    public long position() {
      return given;
    }

    @Override
    public SeekableByteChannel position(long newPosition) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer buffer) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long size() {
      throw new UnsupportedOperationException();
    }

    @Override
    public SeekableByteChannel truncate(long size) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
