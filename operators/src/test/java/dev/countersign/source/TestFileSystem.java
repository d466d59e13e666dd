package dev.countersign.source;

import dev.countersign.schemas.UnitRange;
import dev.countersign.source.units.WorkUnits;
import dev.countersign.storage.ListingRules;
import dev.countersign.storage.ListingRulesFixture;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.impl.OpenFileParameters;
import org.apache.hadoop.util.Progressable;

/**
 * The local disk under a scheme of its own, with files that never answer: reading one whose name
 * holds {@value #STALLS} blocks until {@link #release}, whatever interrupts it. Closing one whose
 * name holds {@value #FAILS_AT_CLOSE} fails, and reading one whose name holds {@value #FATAL}
 * throws an error that nobody expects. Listing a folder whose name holds {@value #NEVER_LISTS}
 * blocks as reading does, and so does creating, writing or renaming a file in a folder with one of
 * the other names. Who opens a file with its status reads no more bytes than that says, as S3A
 * does. Listing one whose name is {@value #TAKES_ALL_HEAP} and a digit throws an OutOfMemoryError
 * so many times.
 */
public final class TestFileSystem extends RawLocalFileSystem {

  public static final String STALLS = "stalls";
  public static final String FAILS_AT_CLOSE = "unclosable";
  public static final String FATAL = "fatal";
  public static final String NEVER_LISTS = "never-lists";
  public static final String TAKES_ALL_HEAP = "takes-all-heap-";
  public static final String NEVER_CREATES = "never-creates";
  public static final String NEVER_WRITES = "never-writes";
  public static final String NEVER_RENAMES = "never-renames";

  private static final String SCHEME = "countersigntest";

  private static final Map<String, Integer> LISTED = new ConcurrentHashMap<>();

  private static volatile CountDownLatch released = new CountDownLatch(0);
  private static volatile CountDownLatch blocked = new CountDownLatch(0);
  private static volatile Opening opening = name -> {};
  private static final AtomicInteger OPEN = new AtomicInteger();
  private static final AtomicInteger MOST_OPEN = new AtomicInteger();

  /** What happens when a file is opened, before it is; on the thread that opens it. */
  @FunctionalInterface
  public interface Opening {
    void opens(String name) throws Exception;
  }

  /** Has this happen whenever a file is opened, until {@link #unregister}. */
  public static void whenOpening(Opening action) {
    opening = action;
  }

  /** The most files that were open at the same time since {@link #register}. */
  public static int mostOpen() {
    return MOST_OPEN.get();
  }

  /** Makes this file system known, and files stall until {@link #release}. */
  public static void register() {
    LISTED.clear();
    released = new CountDownLatch(1);
    blocked = new CountDownLatch(1);
    MOST_OPEN.set(0);
    Storages.configure(
        Map.of(
            "fs." + SCHEME + ".impl",
            TestFileSystem.class.getName(),
            "fs." + SCHEME + ".impl.disable.cache",
            "true"));
  }

  /** Lets everything that stalls go on. */
  public static void release() {
    released.countDown();
  }

  /** Undoes {@link #register}. */
  public static void unregister() {
    release();
    opening = name -> {};
    Storages.configure(Map.of());
  }

  /** Waits until a read stalls. */
  public static void awaitStall() throws InterruptedException {
    blocked.await();
  }

  /** The URI of a local path on this file system. */
  public static String uri(Path path) {
    return SCHEME + "://here" + path;
  }

  /** A range of a whole file in a model on this file system, as planning would make it. */
  public static UnitRange range(Path file) throws IOException {
    try {
      String model = uri(file.getParent());
      ListingRules rules =
          ListingRulesFixture.of(
              name -> !name.equals(file.getFileName().toString()),
              false,
              List.of(),
              1,
              10,
              Long.MAX_VALUE);
      return WorkUnits.whole(Storages.forUri(model).list(model, rules).files().get(0));
    } catch (StorageException e) {
      throw new IOException(e);
    }
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
  public FSDataInputStream open(org.apache.hadoop.fs.Path path, int bufferSize) throws IOException {
    MOST_OPEN.accumulateAndGet(OPEN.incrementAndGet(), Math::max);
    FSDataInputStream input;
    try {
      opening.opens(path.getName());
      input = new FSDataInputStream(new Counted(super.open(path, bufferSize)));
    } catch (Exception e) {
      OPEN.decrementAndGet();
      throw e instanceof IOException fault ? fault : new IOException(e);
    }
    if (path.getName().contains(STALLS)) {
      return new FSDataInputStream(new Stalling(input));
    }
    if (path.getName().contains(FATAL)) {
      return new FSDataInputStream(new Fatal(input));
    }
    return path.getName().contains(FAILS_AT_CLOSE)
        ? new FSDataInputStream(new Unclosable(input))
        : input;
  }

  @Override
  protected CompletableFuture<FSDataInputStream> openFileWithOptions(
      org.apache.hadoop.fs.Path path, OpenFileParameters parameters) throws IOException {
    FileStatus status = parameters.getStatus();
    return super.openFileWithOptions(path, parameters)
        .thenApply(
            input ->
                status == null
                    ? input
                    : new FSDataInputStream(new Bounded(input, status.getLen())));
  }

  @Override
  public FileStatus[] listStatus(org.apache.hadoop.fs.Path path) throws IOException {
    stallIf(path.getName().contains(NEVER_LISTS));
    int digit = path.getName().length() - 1;
    if (path.getName().startsWith(TAKES_ALL_HEAP)
        && LISTED.merge(path.getName(), 1, Integer::sum) <= path.getName().charAt(digit) - '0') {
      throw new OutOfMemoryError("of a test");
    }
    return super.listStatus(path);
  }

  @Override
  public FSDataOutputStream create(
      org.apache.hadoop.fs.Path path,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    String parent = path.getParent().getName();
    stallIf(parent.contains(NEVER_CREATES));
    FSDataOutputStream output =
        super.create(path, overwrite, bufferSize, replication, blockSize, progress);
    return parent.contains(NEVER_WRITES)
        ? new FSDataOutputStream(new StallingOutput(output), null)
        : output;
  }

  @Override
  @Deprecated // As the method that it stands for.
  protected void rename(
      org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to, Options.Rename... options)
      throws IOException {
    stallIf(to.getParent().getName().contains(NEVER_RENAMES));
    super.rename(from, to, options);
  }

  private static void stallIf(boolean isDue) {
    if (isDue && released.getCount() > 0) {
      Stalling.stall();
    }
  }

  private static final class StallingOutput extends FilterOutputStream {
    StallingOutput(OutputStream output) {
      super(output);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      Stalling.stall();
      out.write(bytes, offset, length);
    }
  }

  private abstract static class Wrapped extends FSInputStream {
    private final FSDataInputStream input;

    Wrapped(FSDataInputStream input) {
      this.input = input;
    }

    @Override
    public int read() throws IOException {
      return input.read();
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      return input.read(buffer, offset, length);
    }

    @Override
    public void seek(long position) throws IOException {
      input.seek(position);
    }

    @Override
    public long getPos() throws IOException {
      return input.getPos();
    }

    @Override
    public boolean seekToNewSource(long target) throws IOException {
      return input.seekToNewSource(target);
    }

    @Override
    public void close() throws IOException {
      input.close();
    }
  }

  private static final class Counted extends Wrapped {
    private final AtomicBoolean closed = new AtomicBoolean();

    Counted(FSDataInputStream input) {
      super(input);
    }

    @Override
    public void close() throws IOException {
      super.close();
      if (closed.compareAndSet(false, true)) {
        OPEN.decrementAndGet();
      }
    }
  }

  private static final class Bounded extends Wrapped {
    private final long length;

    Bounded(FSDataInputStream input, long length) {
      super(input);
      this.length = length;
    }

    @Override
    public int read(byte[] buffer, int offset, int wanted) throws IOException {
      long left = length - getPos();
      return left <= 0 ? -1 : super.read(buffer, offset, (int) Math.min(wanted, left));
    }
  }

  private static final class Unclosable extends Wrapped {
    Unclosable(FSDataInputStream input) {
      super(input);
    }

    @Override
    public void close() throws IOException {
      super.close();
      throw new IOException("the connection was reset");
    }
  }

  private static final class Fatal extends Wrapped {
    Fatal(FSDataInputStream input) {
      super(input);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      throw new Error("injected by a test");
    }
  }

  private static final class Stalling extends Wrapped {
    Stalling(FSDataInputStream input) {
      super(input);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      stall();
      return super.read(buffer, offset, length);
    }

    private static void stall() {
      blocked.countDown();
      boolean interrupted = false;
      while (true) {
        try {
          released.await();
          break;
        } catch (InterruptedException e) {
          // As a read in a system call: nothing ends it.
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
