package dev.countersign.source;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.util.Progressable;

/**
 * Calls that file systems of tests were asked for, each of which may take a while. Calls that a
 * file system makes of itself within another one do not count, nor do reads and writes of bytes.
 *
 * <p>{@code .ci/rates} compiles this without the rest of the tests.
 */
public final class StorageCalls {

  private static final List<String> CALLS = new ArrayList<>();
  private static final ThreadLocal<Boolean> INSIDE = ThreadLocal.withInitial(() -> false);
  private static final AtomicInteger RUNNING = new AtomicInteger();
  private static final AtomicInteger MOST_AT_ONCE = new AtomicInteger();
  private static volatile long delayMillis;

  private StorageCalls() {}

  /** Has each call take that long from now on. */
  public static void delay(long millis) {
    delayMillis = millis;
  }

  /** Returns the names of all calls since the last time, in order. */
  public static List<String> take() {
    synchronized (CALLS) {
      List<String> calls = List.copyOf(CALLS);
      CALLS.clear();
      return calls;
    }
  }

  /** Returns how many calls there were at once since the last time. */
  public static int takeMostAtOnce() {
    return MOST_AT_ONCE.getAndSet(0);
  }

  /** Counts a call. */
  static void add(String name) {
    synchronized (CALLS) {
      CALLS.add(name);
    }
  }

  private interface Call<T> {
    T run() throws IOException;
  }

  private static <T> T counted(String name, Call<T> call) throws IOException {
    if (INSIDE.get()) {
      return call.run();
    }
    add(name);
    INSIDE.set(true);
    int atOnce = RUNNING.incrementAndGet();
    MOST_AT_ONCE.accumulateAndGet(atOnce, Math::max);
    try {
      Thread.sleep(delayMillis);
      return call.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      RUNNING.decrementAndGet();
      INSIDE.set(false);
    }
  }

  /**
   * The local disk, as a store that renames in one call and has no folders' identities. It has no
   * links and no permissions either, as Hadoop starts a program to ask for these.
   */
  public static final class Disk extends RawLocalFileSystem {

    public static final String SCHEME = "counted";

    /** Setting: how much longer each call takes, in milliseconds. */
    private static final String DELAY = "fs.counted.delay-millis";

    @Override
    public void initialize(URI uri, Configuration settings) throws IOException {
      super.initialize(uri, settings);
      delayMillis = settings.getLong(DELAY, delayMillis);
    }

    @Override
    public URI getUri() {
      return URI.create(SCHEME + "://here/");
    }

    @Override
    public String getScheme() {
      return SCHEME;
    }

    @Override
    public FileStatus getFileStatus(Path path) throws IOException {
      return counted("status", () -> super.getFileStatus(path));
    }

    @Override
    public FileStatus getFileLinkStatus(Path path) throws IOException {
      return getFileStatus(path);
    }

    @Override
    public void setPermission(Path path, FsPermission permission) {}

    @Override
    public FileStatus[] listStatus(Path folder) throws IOException {
      return counted("list", () -> super.listStatus(folder));
    }

    @Override
    public FSDataInputStream open(Path path, int bufferBytes) throws IOException {
      return counted("open", () -> super.open(path, bufferBytes));
    }

    @Override
    public FSDataOutputStream create(
        Path path,
        boolean overwrite,
        int bufferBytes,
        short replication,
        long blockBytes,
        Progressable progress)
        throws IOException {
      return counted(
          "create",
          () -> super.create(path, overwrite, bufferBytes, replication, blockBytes, progress));
    }

    @Override
    @SuppressWarnings("deprecation") // What FileContext and the program call.
    protected void rename(Path from, Path to, Options.Rename... options) throws IOException {
      Void unused =
          counted(
              "rename",
              () -> {
                super.rename(from, to, options);
                return null;
              });
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
      return counted("delete", () -> super.delete(path, recursive));
    }
  }

  /** HDFS. */
  public static final class Hdfs extends DistributedFileSystem {

    @Override
    public FileStatus getFileStatus(Path path) throws IOException {
      return counted("status", () -> super.getFileStatus(path));
    }

    @Override
    public RemoteIterator<FileStatus> listStatusIterator(Path folder) throws IOException {
      return counted("list", () -> super.listStatusIterator(folder));
    }

    @Override
    public FSDataInputStream open(Path path, int bufferBytes) throws IOException {
      return counted("open", () -> super.open(path, bufferBytes));
    }

    @Override
    public RemoteIterator<LocatedFileStatus> listLocatedStatus(Path path) throws IOException {
      return counted("status", () -> super.listLocatedStatus(path));
    }

    @Override
    public FSDataOutputStream create(
        Path path,
        FsPermission permission,
        boolean overwrite,
        int bufferBytes,
        short replication,
        long blockBytes,
        Progressable progress)
        throws IOException {
      return counted(
          "create",
          () ->
              super.create(
                  path, permission, overwrite, bufferBytes, replication, blockBytes, progress));
    }

    @Override
    @SuppressWarnings("deprecation") // What the program calls.
    public void rename(Path from, Path to, Options.Rename... options) throws IOException {
      Void unused =
          counted(
              "rename",
              () -> {
                super.rename(from, to, options);
                return null;
              });
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
      return counted("delete", () -> super.delete(path, recursive));
    }
  }
}
