package dev.countersign.storage.hadoop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.StoredFile;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.EtagSource;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Aborting a read from a stream that, like HDFS's, lets nobody close it while someone reads. */
final class HadoopRangeInputTest {

  private static final String STORE = "store://here";

  @TempDir private Path folder;
  private FileSystem store;

  @Test
  @Timeout(120)
  void close_whileAnotherThreadReads_abortsTheReadAndClosesTheStream() throws Exception {
    StalledStream stalled = new StalledStream();
    HadoopModelReader.Range input =
        new HadoopModelReader.Range(
            new FSDataInputStream(stalled), "hdfs://store/m/f", file(100), 0, 100, () -> {});
    Thread aborter = new Thread(() -> abort(stalled, input));
    aborter.start();

    StorageException e =
        catchThrowableOfType(StorageException.class, () -> input.read(new byte[10], 0, 10));
    aborter.join();

    assertThat(e.kind()).isEqualTo(StorageException.Kind.UNREADABLE);
    assertThat(e.transientFault()).isTrue();
    assertThat(stalled.closed).isTrue();
    assertThat(Thread.interrupted()).as("no interrupt is left behind").isFalse();
  }

  @Test
  void read_afterClose_fails() throws Exception {
    StalledStream stalled = new StalledStream();
    HadoopModelReader.Range input =
        new HadoopModelReader.Range(
            new FSDataInputStream(stalled), "hdfs://store/m/f", file(100), 0, 100, () -> {});

    input.close();
    StorageException e =
        catchThrowableOfType(StorageException.class, () -> input.read(new byte[10], 0, 10));

    assertThat(stalled.closed).isTrue();
    assertThat(e.transientFault()).isTrue();
  }

  @Test
  void finish_ofAWholeFileThatHasMoreBytesThanPlanned_isChanged() throws Exception {
    Path file = folder.resolve("f");
    Files.write(file, new byte[11]);
    try (HadoopModelReader.Range input =
        new HadoopModelReader.Range(
            FileSystem.getLocal(new Configuration())
                .getRaw()
                .open(new org.apache.hadoop.fs.Path(file.toUri())),
            "hdfs://store/m/f",
            file(10),
            0,
            10,
            () -> {})) {
      int read = input.read(new byte[10], 0, 10);

      StorageException e = catchThrowableOfType(StorageException.class, input::finish);

      assertThat(read).isEqualTo(10);
      assertThat(e.kind()).isEqualTo(StorageException.Kind.CHANGED);
      assertThat(e)
          .hasMessageContaining("is longer than the 10 bytes it had when the model was listed");
    }
  }

  @Test
  void open_ofALargeFileThatHasChanged_failsBeforeItIsRead() throws Exception {
    try (RandomAccessFile large = new RandomAccessFile(folder.resolve("f").toFile(), "rw")) {
      large.setLength((64L << 20) + 1);
    }

    StoredFile planned = planned(false, (64L << 20) + 1);

    assertThat(failureToOpen(planned, 0, planned.length()).kind())
        .isEqualTo(StorageException.Kind.CHANGED);
    assertThat(failureToOpen(planned, 0, 10).kind()).isEqualTo(StorageException.Kind.CHANGED);
  }

  @Test
  void open_whereTheStoreOpensTheVersionOfAStatus_asksForItFirst() throws Exception {
    Files.write(folder.resolve("f"), new byte[10]);

    StorageException e = failureToOpen(planned(true, 10), 0, 10);

    assertThat(e.kind()).isEqualTo(StorageException.Kind.CHANGED);
    assertThat(e).hasMessageContaining("was written to or replaced");
  }

  /** Opens a file as it was planned, after something was written to it. */
  private StorageException failureToOpen(StoredFile planned, long start, long end)
      throws Exception {
    Files.setLastModifiedTime(folder.resolve("f"), FileTime.fromMillis(1_000));
    try (HadoopModelReader reader = new HadoopModelReader(store, STORE + folder)) {
      return catchThrowableOfType(
          StorageException.class, () -> reader.open(planned, start, end).close());
    }
  }

  private StoredFile planned(boolean hasTags, long length) throws IOException {
    store = new Store(hasTags);
    store.initialize(URI.create(STORE), new Configuration());
    FileStatus status = store.getFileStatus(new org.apache.hadoop.fs.Path(STORE + folder + "/f"));
    return new StoredFile("f", "f", 0, length, HadoopListing.version(status), 0);
  }

  private static StoredFile file(long length) {
    return new StoredFile("f", "f", 0, length, "version", 0);
  }

  private static void abort(StalledStream stalled, HadoopModelReader.Range input) {
    try {
      stalled.reading.await();
      input.close();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The local disk under another scheme, whose files may have entity tags. */
  private static final class Store extends RawLocalFileSystem {
    private final boolean hasTags;

    Store(boolean hasTags) {
      this.hasTags = hasTags;
    }

    @Override
    public URI getUri() {
      return URI.create(STORE);
    }

    @Override
    public FileStatus getFileStatus(org.apache.hadoop.fs.Path path) throws IOException {
      FileStatus status = super.getFileStatus(path);
      return hasTags ? new Tagged(status) : status;
    }
  }

  private static final class Tagged extends FileStatus implements EtagSource {
    private static final long serialVersionUID = 1L;

    Tagged(FileStatus status) {
      super(
          status.getLen(),
          status.isDirectory(),
          1,
          status.getBlockSize(),
          status.getModificationTime(),
          status.getPath());
    }

    @Override
    public String getEtag() {
      return Long.toString(getModificationTime());
    }
  }

  /** Reads until it is interrupted. */
  private static final class StalledStream extends FSInputStream {
    private final CountDownLatch reading = new CountDownLatch(1);
    private boolean closed;

    @Override
    public synchronized int read() throws IOException {
      reading.countDown();
      try {
        Thread.sleep(TimeUnit.HOURS.toMillis(1));
      } catch (InterruptedException e) {
        throw new InterruptedIOException("interrupted");
      }
      return -1;
    }

    @Override
    public synchronized int read(byte[] buffer, int offset, int length) throws IOException {
      return read();
    }

    @Override
    public synchronized void close() {
      closed = true;
    }

    @Override
    public void seek(long position) {}

    @Override
    public long getPos() {
      return 0;
    }

    @Override
    public boolean seekToNewSource(long position) {
      return false;
    }
  }
}
