package dev.countersign.jobs.report;

import dev.countersign.schemas.ModelResult;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Sums and times of results that may hold any numbers: negative ones count as 0, and sums stop at
 * the greatest number there is.
 */
final class Amounts {

  private Amounts() {}

  /** Returns the sum. */
  static long add(long sum, long amount) {
    long added = sum + Math.max(0, amount);
    return added < 0 ? Long.MAX_VALUE : added;
  }

  /** Returns counts, the greatest first, then by what is counted. */
  static <K extends Comparable<K>> List<Map.Entry<K, Long>> ranked(Map<K, Long> counts) {
    return counts.entrySet().stream()
        .sorted(
            Map.Entry.<K, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .toList();
  }

  /** Returns milliseconds from the start to the end of a model; 0 if it does not say. */
  static long millis(ModelResult result) {
    return isKnown(result.getStarted()) ? between(result.getStarted(), result.getFinished()) : 0;
  }

  /** Returns milliseconds from one time to another; 0 if that is before. */
  static long between(Instant start, Instant end) {
    long millis = end.toEpochMilli() - start.toEpochMilli();
    return end.isAfter(start) && millis > 0 ? millis : 0;
  }

  /** Tells whether a time was written; those that were not are the epoch. */
  static boolean isKnown(Instant time) {
    return time.isAfter(Instant.EPOCH);
  }

  /** Returns a time in UTC to the second, such as {@code 2026-03-01 12:00:00}. */
  static String time(Instant time) {
    return isKnown(time)
        ? time.truncatedTo(ChronoUnit.SECONDS).toString().replace('T', ' ').replace("Z", "")
        : "";
  }
}
