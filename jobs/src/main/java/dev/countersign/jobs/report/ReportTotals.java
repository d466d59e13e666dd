package dev.countersign.jobs.report;

import dev.countersign.jobs.results.ClosedRun;
import dev.countersign.jobs.results.UnreadFile;
import dev.countersign.schemas.ModelResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What all results of a report add up to, in memory that does not grow with their number. Each
 * result counts: a model that several runs had counts once for each.
 */
public final class ReportTotals {

  /** Failed models that are kept for the parts of a report that don't hold all. */
  static final int MAX_FAILED = 200;

  private static final int MAX_RUNS = 500;
  private static final int MAX_UNREAD = 100;
  private static final int MAX_WEAKENED = 100;
  private static final int MAX_LABELS = 300;
  private static final int MAX_LABEL = 200;
  private static final int MAX_LABELS_OF_A_MODEL = 50;

  private final RunTotals all = new RunTotals("");
  private final Map<String, RunTotals> runs = new LinkedHashMap<>();
  private final RunTotals otherRuns = new RunTotals("other runs");
  private final Timeline timeline = new Timeline();
  private final SignerCounts signers = new SignerCounts();
  private final NamedCounts weakened = new NamedCounts(MAX_WEAKENED);
  private final NamedCounts labels = new NamedCounts(MAX_LABELS);
  private final RankedModels slowest = new RankedModels(Amounts::millis);
  private final RankedModels largest = new RankedModels(ModelResult::getBytes);
  private final List<FailedModel> failed = new ArrayList<>();
  private final List<UnreadFile> unread = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private long moreUnread;
  private long weakenedModels;
  private long reused;
  private long repeated;

  void add(ModelResult result) {
    all.add(result);
    run(result.getRunId()).add(result);
    timeline.add(result);
    signers.add(result);
    slowest.add(result);
    largest.add(result);
    result.getWeakened().stream()
        .distinct()
        .limit(MAX_WEAKENED)
        .forEach(option -> weakened.add(ReportText.of(option, MAX_LABEL)));
    result.getLabels().entrySet().stream()
        .limit(MAX_LABELS_OF_A_MODEL)
        .forEach(label -> labels.add(label(label.getKey(), label.getValue())));
    weakenedModels += result.getWeakened().isEmpty() ? 0 : 1;
    reused += result.getReused() ? 1 : 0;
    repeated += result.getAttempt() > 1 ? 1 : 0;
    if (RunTotals.isFailure(result) && failed.size() < MAX_FAILED) {
      failed.add(FailedModel.of(result));
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
  public List<UnreadFile> unread() {
    List<UnreadFile> all = new ArrayList<>(unread);
    if (moreUnread > 0) {
      all.add(new UnreadFile("more", moreUnread + " more could not be read."));
    }
    return all;
  }

  List<String> notes() {
    return List.copyOf(notes);
  }

  /** Returns how many results were read. */
  public long models() {
    return all.models();
  }

  /** Returns how many of them are failures. */
  public long failedModels() {
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

  NamedCounts weakened() {
    return weakened;
  }

  NamedCounts labels() {
    return labels;
  }

  List<RankedModels.Ranked> slowest() {
    return slowest.ranked();
  }

  List<RankedModels.Ranked> largest() {
    return largest.ranked();
  }

  /** Returns how many models had a check switched off. */
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
