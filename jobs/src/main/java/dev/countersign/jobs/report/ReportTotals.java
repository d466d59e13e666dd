package dev.countersign.jobs.report;

import dev.countersign.jobs.results.ClosedRun;
import dev.countersign.jobs.results.UnreadFile;
import dev.countersign.schemas.ModelResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;

/**
 * Sums of all results of a report, in memory that does not grow with their number. Each result
 * counts: a model that several runs had counts once for each.
 */
final class ReportTotals {

  /** Failed models that are kept for the parts of a report that don't hold all. */
  static final int MAX_FAILED = 200;

  private static final int MAX_RUNS = 500;
  private static final int MAX_UNREAD = 100;
  private static final int MAX_WEAKENED = 100;
  private static final int MAX_LABELS = 300;
  private static final int MAX_LABEL = 200;
  private static final int MAX_LABELS_OF_A_MODEL = 50;
  private static final int MAX_RANKED = 10;

  private static final Comparator<RankedModel> RANKS =
      Comparator.comparingLong(RankedModel::measure).thenComparing(RankedModel::model).reversed();

  private final RunTotals all = new RunTotals("");
  private final Map<String, RunTotals> runs = new LinkedHashMap<>();
  private final RunTotals otherRuns = new RunTotals("other runs");
  private final Timeline timeline = new Timeline();
  private final SignerCounts signers = new SignerCounts();
  private final Map<String, Long> weakened = new HashMap<>();
  private final Set<String> labels = new TreeSet<>();
  private final Queue<RankedModel> slowest = new PriorityQueue<>(RANKS.reversed());
  private final Queue<RankedModel> largest = new PriorityQueue<>(RANKS.reversed());
  private final List<FailedModel> failed = new ArrayList<>();
  private final List<UnreadFile> unread = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private long moreUnread;
  private long weakenedModels;
  private long reused;
  private long repeated;

  /**
   * A model that failed, as the parts of reports show it that don't hold all models.
   *
   * @param model the model's URI
   * @param reason why
   * @param message explains the failure
   */
  record FailedModel(String model, String reason, String message) {}

  /**
   * A model that is among the first by some measure.
   *
   * @param measure what it is ranked by
   * @param model its URI
   * @param bytes bytes hashed
   * @param files files hashed
   * @param millis how long it took
   */
  record RankedModel(long measure, String model, long bytes, long files, long millis) {}

  void add(ModelResult result) {
    all.add(result);
    run(result.getRunId()).add(result);
    timeline.add(result);
    signers.add(result);
    rank(result, Amounts.millis(result), slowest);
    rank(result, result.getBytes(), largest);
    result.getWeakened().stream()
        .distinct()
        .limit(MAX_WEAKENED)
        .map(option -> ReportText.of(option, MAX_LABEL))
        .filter(option -> weakened.size() < MAX_WEAKENED || weakened.containsKey(option))
        .forEach(option -> weakened.merge(option, 1L, Long::sum));
    result.getLabels().entrySet().stream()
        .limit(MAX_LABELS_OF_A_MODEL)
        .filter(label -> labels.size() < MAX_LABELS)
        .forEach(label -> labels.add(label(label.getKey(), label.getValue())));
    weakenedModels += result.getWeakened().isEmpty() ? 0 : 1;
    reused += result.getReused() ? 1 : 0;
    repeated += result.getAttempt() > 1 ? 1 : 0;
    if (RunTotals.isFailure(result) && failed.size() < MAX_FAILED) {
      failed.add(
          new FailedModel(
              ReportText.of(result.getModel()),
              result.getReason().name(),
              ReportText.of(result.getMessage())));
    }
  }

  /** Adds a model to those that are first, unless there are enough greater ones. */
  private static void rank(ModelResult result, long measure, Queue<RankedModel> first) {
    if (measure <= 0 || (first.size() == MAX_RANKED && measure < first.element().measure())) {
      return;
    }
    first.add(
        new RankedModel(
            measure,
            ReportText.of(result.getModel()),
            Math.max(0, result.getBytes()),
            Math.max(0, result.getFiles()),
            Amounts.millis(result)));
    if (first.size() > MAX_RANKED) {
      var unused = first.remove();
    }
  }

  /** Returns a label as one text. */
  static String label(String name, String value) {
    return ReportText.of(name, MAX_LABEL) + "=" + ReportText.of(value, MAX_LABEL);
  }

  private RunTotals run(String runId) {
    String name = ReportText.of(runId, MAX_LABEL);
    RunTotals known = runs.get(name);
    if (known == null && runs.size() < MAX_RUNS) {
      known = new RunTotals(name);
      runs.put(name, known);
    }
    return known == null ? otherRuns : known;
  }

  /** Adds the record that closed a run; one of a run without results counts, too. */
  void close(ClosedRun closed) {
    RunTotals run = run(closed.runId());
    if (run != otherRuns) {
      run.close(closed);
    }
  }

  /** Says that something could not be read. */
  void addUnread(UnreadFile file) {
    if (unread.size() < MAX_UNREAD) {
      unread.add(file);
    } else {
      moreUnread++;
    }
  }

  /** Says something about the report. */
  void note(String note) {
    notes.add(note);
  }

  /** Returns the sums of all results. */
  RunTotals all() {
    return all;
  }

  /** Returns the sums by run, in the order in which runs came. */
  List<RunTotals> runs() {
    List<RunTotals> each = new ArrayList<>(runs.values());
    if (otherRuns.models() > 0) {
      each.add(otherRuns);
    }
    return each;
  }

  /**
   * Returns what could not be read; beyond {@value #MAX_UNREAD} places, how many more there are.
   */
  List<UnreadFile> unread() {
    List<UnreadFile> all = new ArrayList<>(unread);
    if (moreUnread > 0) {
      all.add(new UnreadFile("more", moreUnread + " more could not be read."));
    }
    return all;
  }

  /** Returns when the first run was started; the epoch if no result says. */
  Instant started() {
    return runs().stream()
        .map(RunTotals::started)
        .filter(Amounts::isKnown)
        .min(Comparator.naturalOrder())
        .orElse(Instant.EPOCH);
  }

  /** Returns the run times of all runs together, in milliseconds. */
  long runMillis() {
    return runs().stream().mapToLong(RunTotals::millis).reduce(0, Amounts::add);
  }

  List<String> notes() {
    return List.copyOf(notes);
  }

  /** Returns how many results were read. */
  long models() {
    return all.models();
  }

  /** Returns how many of them are failures. */
  long failedModels() {
    return all.failed();
  }

  /** Returns the first failed models, {@value #MAX_FAILED} at most. */
  List<FailedModel> failed() {
    return List.copyOf(failed);
  }

  Timeline timeline() {
    return timeline;
  }

  SignerCounts signers() {
    return signers;
  }

  /** Returns checks that were disabled and for how many models, the most frequent one first. */
  List<Map.Entry<String, Long>> weakened() {
    return Amounts.ranked(weakened);
  }

  /** Returns the labels, sorted. */
  List<String> labels() {
    return List.copyOf(labels);
  }

  /** Returns the models that took longest, {@value #MAX_RANKED} at most, the slowest first. */
  List<RankedModel> slowest() {
    return slowest.stream().sorted(RANKS).toList();
  }

  /** Returns the models of most bytes, {@value #MAX_RANKED} at most, the largest first. */
  List<RankedModel> largest() {
    return largest.stream().sorted(RANKS).toList();
  }

  /** Returns how many models had a check disabled. */
  long weakenedModels() {
    return weakenedModels;
  }

  /** Returns of how many models digests were taken from an earlier run. */
  long reused() {
    return reused;
  }

  /** Returns how many models took more than one attempt. */
  long repeated() {
    return repeated;
  }
}
