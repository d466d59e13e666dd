package dev.countersign.jobs.terminal;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * The two streams of the process. Results go to standard output and nothing else does; all that is
 * said to people goes to standard error. A line of progress is taken away before anything else is
 * printed. Text is UTF-8 whatever the locale. Thread safe.
 */
public final class Console {

  private static final String ERASE = "\r\u001b[K";

  // The type bits of st_mode and those of a pipe and a socket, <sys/stat.h>.
  private static final int TYPE_MASK = 0170000;
  private static final Set<Integer> PIPES = Set.of(0010000, 0140000);

  private final PrintStream out;
  private final PrintStream err;
  private final boolean interactive;
  private final BooleanSupplier piped;
  private boolean progressShown;

  /**
   * A console on streams of the caller's.
   *
   * @param interactive whether standard error is a terminal that a line can be redrawn on
   */
  public Console(PrintStream out, PrintStream err, boolean interactive) {
    this(out, err, interactive, () -> false);
  }

  private Console(PrintStream out, PrintStream err, boolean interactive, BooleanSupplier piped) {
    this.out = out;
    this.err = err;
    this.interactive = interactive;
    this.piped = piped;
  }

  /** Returns the console of this process. */
  public static Console ofProcess() {
    return new Console(
        new PrintStream(
            new BufferedOutputStream(new CheckedStream(System.out), 1 << 16),
            false,
            StandardCharsets.UTF_8),
        new PrintStream(System.err, true, StandardCharsets.UTF_8),
        isTerminal(),
        Console::isPiped);
  }

  /** Tells whether progress can be redrawn in place. */
  public boolean isInteractive() {
    return interactive;
  }

  /** Prints a line of results; {@link #flush} makes it appear. */
  public synchronized void result(String line) {
    hideProgress();
    out.println(line);
  }

  /** Prints text as it is, on standard output. */
  public synchronized void text(String text) {
    out.print(text);
    out.flush();
  }

  /**
   * Returns standard output as a stream, for results that are written piece by piece. Closing it
   * only makes them appear. Flushing and closing throw {@link OutputLostException} if it takes no
   * more.
   */
  public OutputStream results() {
    return new ResultStream();
  }

  /** Makes results appear. */
  public synchronized void flush() {
    out.flush();
  }

  /**
   * Makes results appear; returns whether some of them are lost, as on a full disk.
   *
   * <p>What the reader of a pipe did not wait for, as in {@code | head}, is not lost: the reader
   * has what it wants, and its own exit code says if it failed. Other programs are ended by SIGPIPE
   * then, without a word. Here a run goes on, since it is about the models and not about what is
   * shown of them; only what makes nothing but text stops.
   */
  public synchronized boolean isOutputLost() {
    return out.checkError() && !piped.getAsBoolean();
  }

  /** Says something to people. */
  public synchronized void say(String line) {
    out.flush();
    hideProgress();
    err.println(line);
  }

  /** Shows how far the work is: redrawn in place on a terminal, a line of its own elsewhere. */
  public synchronized void progress(String line) {
    if (!interactive) {
      err.println(line);
      return;
    }
    out.flush();
    err.print(ERASE + line);
    err.flush();
    progressShown = true;
  }

  /** Takes the line of progress away, if one is shown. */
  public synchronized void hideProgress() {
    if (progressShown) {
      err.print(ERASE);
      err.flush();
      progressShown = false;
    }
  }

  /**
   * Whether standard error is a terminal. Linux tells by the name of what it leads to. The JVM
   * cannot tell of one stream alone, so elsewhere progress comes in lines.
   */
  private static boolean isTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException | SecurityException e) {
      return false;
    }
  }

  /**
   * Tells whether standard output is a pipe or a socket, to which writing fails only when its
   * reader is gone. The system's message says so too, but in the user's language.
   */
  private static boolean isPiped() {
    try {
      Object mode = Files.getAttribute(Path.of("/dev/fd/1"), "unix:mode");
      return mode instanceof Integer bits && PIPES.contains(bits & TYPE_MASK);
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return false;
    }
  }

  /** Standard output takes no more: it is full, or its reader is gone. */
  public static final class OutputLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private OutputLostException() {
      super("standard output takes no more");
    }
  }

  /**
   * Stream that reports the faults which a {@link PrintStream} below it keeps to itself. Nothing is
   * written after the first one, so that what there is has no gap.
   */
  private static final class CheckedStream extends OutputStream {
    private final PrintStream below;
    private boolean failed;

    CheckedStream(PrintStream below) {
      this.below = below;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (!failed) {
        below.write(bytes, offset, length);
      }
      flush();
    }

    @Override
    public void flush() throws IOException {
      failed = failed || below.checkError();
      if (failed) {
        throw new IOException("standard output takes no more");
      }
    }
  }

  /** Standard output, which keeps clear of the line of progress. */
  private final class ResultStream extends OutputStream {

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      synchronized (Console.this) {
        hideProgress();
        out.write(bytes, offset, length);
      }
    }

    @Override
    public void flush() {
      synchronized (Console.this) {
        if (out.checkError()) {
          throw new OutputLostException();
        }
      }
    }

    @Override
    public void close() {
      flush();
    }
  }
}
