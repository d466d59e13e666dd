package dev.countersign.jobs.pipeline;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.util.Progressable;

/**
 * Local folders under a scheme of their own, whose files fail as the ends of their names say. All
 * other files are as they lie on disk. Named in {@code core-site.xml}, for every process that has
 * the tests on its class path.
 */
public class FaultyFileSystem extends RawLocalFileSystem {

  /**
   * Comes in pieces of {@link #PIECE} bytes with {@link #pause()} before each, and none before it
   * is due.
   */
  static final String SLOW = ".slow";

  /** Brings no byte for half a minute and heeds no interrupt, as a system call may. */
  static final String STALLED = ".stalled";

  /** Is slow, and the first time ends halfway in an error that no reader can expect. */
  static final String BROKEN_ONCE = ".broken-once";

  /** Cannot be opened twice, since the connection is refused; then it can. */
  static final String FLAKY = ".flaky";

  /** Cannot be opened: the connection is refused each time. */
  static final String UNREACHABLE = ".unreachable";

  /** May not be opened. */
  static final String FORBIDDEN = ".forbidden";

  /** Reading it asks for more memory than there is. */
  static final String HUNGRY = ".hungry";

  /** Reading it needs a class that is not there. */
  static final String UNLINKED = ".unlinked";

  /** A folder that cannot be listed, and in which no file can be created, twice; then it can. */
  static final String FLAKY_PLACE = ".flaky-place";

  /** Ends the process that opens it, or lists it if it is a folder. */
  static final String DEADLY = ".deadly";

  /** Bytes in one piece of a slow file. */
  static final int PIECE = 64 << 10;

  /** A system property: how many milliseconds a piece takes in this process; 100 if unset. */
  static final String PAUSE_MILLIS = "countersign.test.pause-millis";

  /**
   * A system property: a folder in which each file that is opened leaves one of its name, with the
   * number of the process that opened it last. Unset for none.
   */
  static final String OPENED_IN = "countersign.test.opened-in";

  /**
   * Beside the file that an opened one leaves, under its name and this ending: the next piece of
   * the opened one comes only when this is gone.
   */
  static final String HELD = ".held";

  private static final String SCHEME = "faulty";

  private static final Map<String, CountDownLatch> OPENED = new ConcurrentHashMap<>();

  private static final Set<String> BROKEN = ConcurrentHashMap.newKeySet();

  private static final Map<String, BooleanSupplier> DUE = new ConcurrentHashMap<>();

  private static final Map<String, AtomicInteger> TRIES = new ConcurrentHashMap<>();

  /** What a file that is {@link #BROKEN_ONCE} throws. */
  private static final class InjectedError extends Error {
    private static final long serialVersionUID = 1L;

    InjectedError(String name) {
      super("injected by a test while reading " + name);
    }
  }

  /** The URI under which {@code path} is served. */
  static String uri(Path path) {
    return SCHEME + "://" + path;
  }

  /** Waits until a file of this name is opened in this process. */
  static void awaitOpened(String name) throws InterruptedException {
    if (!opened(name).await(60, TimeUnit.SECONDS)) {
      throw new AssertionError(name + " was never opened");
    }
  }

  /**
   * Has a file that is {@link #BROKEN_ONCE} break only when {@code due} is true, or a minute after
   * it would have otherwise.
   */
  static void breakWhen(String name, BooleanSupplier due) {
    DUE.put(name, due);
  }

  /**
   * Changes something while a file that is {@link #SLOW} is read: after it was opened, and before
   * its first byte comes.
   *
   * @return completes when that is done
   */
  static CompletableFuture<Void> whileReading(String name, Runnable change) {
    CompletableFuture<Void> changed = new CompletableFuture<>();
    DUE.put(name, changed::isDone);
    return CompletableFuture.runAsync(
            () -> {
              try {
                awaitOpened(name);
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              change.run();
            },
            // Not the common pool: on two cores it may have one thread, which Flink needs too.
            task -> new Thread(task, "changer").start())
        .whenComplete((nothing, fault) -> changed.complete(null));
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public URI getUri() {
    return URI.create(SCHEME + ":///");
  }

  @Override
  public FSDataInputStream open(org.apache.hadoop.fs.Path path, int bufferSize) throws IOException {
    String name = path.getName();
    endIfDeadly(name);
    int tries = tried("open", path);
    if (name.endsWith(UNREACHABLE) || (name.endsWith(FLAKY) && tries <= 2)) {
      throw new ConnectException("Connection refused");
    }
    if (name.endsWith(FORBIDDEN)) {
      throw new AccessControlException("Permission denied");
    }
    FSDataInputStream input = super.open(path, bufferSize);
    String openedIn = System.getProperty(OPENED_IN);
    if (openedIn != null) {
      java.nio.file.Path unused =
          Files.writeString(Path.of(openedIn, name), Long.toString(ProcessHandle.current().pid()));
    }
    opened(name).countDown();
    boolean breaks = name.endsWith(BROKEN_ONCE) && BROKEN.add(path.toString());
    return name.endsWith(SLOW)
            || name.endsWith(STALLED)
            || name.endsWith(HUNGRY)
            || name.endsWith(UNLINKED)
            || name.endsWith(BROKEN_ONCE)
        ? new FSDataInputStream(
            new FaultyInput(input, name, breaks ? getFileStatus(path).getLen() / 2 : -1))
        : input;
  }

  @Override
  public FileStatus[] listStatus(org.apache.hadoop.fs.Path path) throws IOException {
    endIfDeadly(path.getName());
    failTwice("list", path);
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
    failTwice("create", path.getParent());
    return super.create(path, overwrite, bufferSize, replication, blockSize, progress);
  }

  private static void endIfDeadly(String name) {
    if (name.endsWith(DEADLY)) {
      Runtime.getRuntime().halt(1);
    }
  }

  private static void failTwice(String action, org.apache.hadoop.fs.Path path)
      throws ConnectException {
    if (path.getName().contains(FLAKY_PLACE) && tried(action, path) <= 2) {
      throw new ConnectException("Connection refused");
    }
  }

  private static int tried(String action, org.apache.hadoop.fs.Path path) {
    return TRIES
        .computeIfAbsent(action + path.toUri().getPath(), unseen -> new AtomicInteger())
        .incrementAndGet();
  }

  /** How often somebody opened a file in this process, or tried to. */
  static int opens(Path file) {
    return TRIES.getOrDefault("open" + file, new AtomicInteger()).get();
  }

  private static CountDownLatch opened(String name) {
    return OPENED.computeIfAbsent(name, unseen -> new CountDownLatch(1));
  }

  private static void pause() {
    try {
      Thread.sleep(Long.getLong(PAUSE_MILLIS, 100));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void awaitReleased(String name) {
    String openedIn = System.getProperty(OPENED_IN);
    while (openedIn != null
        && Files.exists(Path.of(openedIn, name + HELD))
        && !Thread.currentThread().isInterrupted()) {
      pause();
    }
  }

  private static void awaitDue(String name) {
    BooleanSupplier due = DUE.getOrDefault(name, () -> true);
    for (int i = 0; i < 600 && !due.getAsBoolean(); i++) {
      pause();
    }
  }

  private static void stall() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (System.nanoTime() < end) {
      try {
        Thread.sleep(500);
      } catch (InterruptedException e) {
        // Deaf on purpose.
      }
    }
  }

  /** Passes on what a file holds, the way the file's name says. */
  private static final class FaultyInput extends FSInputStream {
    private final FSDataInputStream input;
    private final String name;
    private final long breaksAt;

    /** Throws an error at {@code breaksAt}, unless that is negative. */
    FaultyInput(FSDataInputStream input, String name, long breaksAt) {
      this.input = input;
      this.name = name;
      this.breaksAt = breaksAt;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (name.endsWith(STALLED)) {
        stall();
      }
      if (name.endsWith(HUNGRY)) {
        throw new OutOfMemoryError("injected by a test while reading " + name);
      }
      if (name.endsWith(UNLINKED)) {
        throw new NoClassDefFoundError("injected by a test while reading " + name);
      }
      if (breaksAt >= 0 && input.getPos() >= breaksAt) {
        awaitDue(name);
        throw new InjectedError(name);
      }
      pause();
      awaitReleased(name);
      if (name.endsWith(SLOW)) {
        awaitDue(name);
      }
      return input.read(buffer, offset, Math.min(length, PIECE));
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
    public boolean seekToNewSource(long target) {
      return false;
    }

    @Override
    public void close() throws IOException {
      input.close();
    }
  }
}
