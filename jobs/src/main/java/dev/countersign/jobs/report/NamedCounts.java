package dev.countersign.jobs.report;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts by name, for names that results bring: only so many names are kept, and those beyond count
 * together.
 */
final class NamedCounts {

  private final int maxNames;
  private final Map<String, Long> counts = new LinkedHashMap<>();
  private long others;

  /** Counts for the first {@code maxNames} names that come. */
  NamedCounts(int maxNames) {
    this.maxNames = maxNames;
  }

  void add(String name) {
    if (counts.size() < maxNames || counts.containsKey(name)) {
      counts.merge(name, 1L, Long::sum);
    } else {
      others++;
    }
  }

  /** Returns names with their counts, the greatest first, then by name. */
  List<Map.Entry<String, Long>> ranked() {
    return counts.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .<Map.Entry<String, Long>>map(entry -> Map.entry(entry.getKey(), entry.getValue()))
        .toList();
  }

  /** Returns how often other names came than those that are kept. */
  long others() {
    return others;
  }
}
