package dev.countersign.jobs.terminal;

import dev.countersign.text.Message;
import java.time.Duration;
import java.util.Locale;

/** Amounts as people read them. */
public final class Figures {

  private static final String[] UNITS = {"kB", "MB", "GB", "TB", "PB", "EB"};

  private Figures() {}

  /** Returns a number of bytes in decimal units, such as {@code 1.2 GB}. */
  public static String bytes(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    double amount = bytes / 1000.0;
    int unit = 0;
    while (amount >= 999.95 && unit < UNITS.length - 1) {
      amount /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, amount < 99.95 ? "%.1f %s" : "%.0f %s", amount, UNITS[unit]);
  }

  /** Returns a rate in decimal units, such as {@code 1.2 GB/s}. */
  public static String rate(long bytes, Duration time) {
    double seconds = Math.max(1, time.toMillis()) / 1000.0;
    return bytes((long) (bytes / seconds)) + "/s";
  }

  /** Returns a length of time with two units at most, such as {@code 3 min 12 s}. */
  public static String time(Duration time) {
    if (time.toSeconds() < 10) {
      return Message.of("%.1f s", time.toMillis() / 1000.0);
    }
    if (time.toMinutes() < 1) {
      return time.toSeconds() + " s";
    }
    if (time.toHours() < 1) {
      return Message.of("%d min %d s", time.toMinutes(), time.toSecondsPart());
    }
    return Message.of("%d h %d min", time.toHours(), time.toMinutesPart());
  }

  /** Returns a count with its noun, such as {@code 1 model} or {@code 12 models}. */
  public static String count(long count, String noun) {
    return Message.of("%,d %s%s", count, noun, count == 1 ? "" : "s");
  }
}
