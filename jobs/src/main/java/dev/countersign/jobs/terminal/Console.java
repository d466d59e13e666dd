package dev.countersign.jobs.terminal;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The two streams of the process. Results go to standard output and nothing else does; all that is
 * said to people goes to standard error. A line of progress is taken away before anything else is
 * printed. Text is UTF-8 whatever the locale. Thread safe.
 */
public final class Console {

  private static final String ERASE = "\r\u001b[K";

  private final PrintStream out;
  private final PrintStream err;
  private final boolean interactive;
  private boolean progressShown;

  /**
   * A console on streams of the caller's.
   *
   * @param interactive whether standard error is a terminal that a line can be redrawn on
   */
  public Console(PrintStream out, PrintStream err, boolean interactive) {
    this.out = out;
    this.err = err;
    this.interactive = interactive;
  }

  /** Returns the console of this process. */
  public static Console ofProcess() {
    return new Console(
        new PrintStream(
            new BufferedOutputStream(System.out, 1 << 16), false, StandardCharsets.UTF_8),
        new PrintStream(System.err, true, StandardCharsets.UTF_8),
        isTerminal());
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

  /** Returns standard output itself, for what is no lines of results; closing it does nothing. */
  public OutputStream output() {
    hideProgress();
    return new OutputStream() {
      @Override
      public void write(int one) {
        out.write(one);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) {
        out.write(bytes, offset, length);
      }

      @Override
      public void flush() {
        out.flush();
      }
    };
  }

  /** Makes results appear. */
  public synchronized void flush() {
    out.flush();
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
}
