package dev.countersign.jobs.report;

import dev.countersign.schemas.ModelResult;
import java.util.ArrayList;
import java.util.List;

/**
 * A model that failed, as the parts of reports show it that don't hold all models.
 *
 * @param runId the run
 * @param model the model's URI
 * @param reason why
 * @param message what to know and do
 * @param differences exact numbers of differences, in words; empty if none
 */
record FailedModel(String runId, String model, String reason, String message, String differences) {

  static FailedModel of(ModelResult result) {
    return new FailedModel(
        ReportText.of(result.getRunId()),
        ReportText.of(result.getModel()),
        result.getReason().name(),
        ReportText.of(result.getMessage()),
        differences(result));
  }

  private static String differences(ModelResult result) {
    List<String> parts = new ArrayList<>();
    add(parts, result.getChanged(), "changed");
    add(parts, result.getMissing(), "missing");
    add(parts, result.getExtra(), "extra");
    return String.join(", ", parts);
  }

  private static void add(List<String> parts, long count, String kind) {
    if (count > 0) {
      parts.add(count + " " + kind);
    }
  }
}
