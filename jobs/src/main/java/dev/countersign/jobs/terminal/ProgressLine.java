package dev.countersign.jobs.terminal;

import java.time.Duration;
import java.util.function.Function;

/**
 * Shows how far a run is, on a thread of its own: four times a second on a terminal, every ten
 * seconds elsewhere, the first time when that much has passed, and only what is new. Ends when
 * closed.
 */
public final class ProgressLine implements AutoCloseable {

  private static final Duration REDRAWN = Duration.ofMillis(250);
  private static final Duration PRINTED = Duration.ofSeconds(10);

  private final Console console;
  private final Function<Duration, String> text;
  private final long started = System.nanoTime();
  private String shown = "";
  private final Repetition repetition;

  private ProgressLine(Console console, Function<Duration, String> text, Duration interval) {
    this.console = console;
    this.text = text;
    this.repetition = Repetition.start("progress", interval, this::showNew);
  }

  /** Begins to show {@code text}, made of the time that has passed, on another thread. */
  public static ProgressLine show(Console console, Function<Duration, String> text) {
    return show(console, text, console.isInteractive() ? REDRAWN : PRINTED);
  }

  static ProgressLine show(Console console, Function<Duration, String> text, Duration interval) {
    return new ProgressLine(console, text, interval);
  }

  private void showNew() {
    String now = text.apply(Duration.ofNanos(System.nanoTime() - started));
    if (console.isInteractive() || !now.equals(shown)) {
      console.progress(now);
      shown = now;
    }
  }

  @Override
  public void close() {
    repetition.close();
    console.hideProgress();
  }
}
