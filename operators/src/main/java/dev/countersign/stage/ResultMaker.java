package dev.countersign.stage;

import dev.countersign.faults.LibraryFaults;
import dev.countersign.metrics.ResultMetrics;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Verdict;
import dev.countersign.text.Printable;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one result of a model, whatever goes wrong with it. A fault of the program becomes a failed
 * result too, and is logged. Thread safe.
 */
final class ResultMaker {

  private static final Logger LOG = LoggerFactory.getLogger(ResultMaker.class);

  private final ModelResults results;
  private final ResultMetrics metrics;

  ResultMaker(String runId, ResultMetrics metrics) {
    this.results = new ModelResults(runId, Clock.systemUTC());
    this.metrics = metrics;
  }

  ModelResult result(AssembledModel model, ManifestDecider decider) {
    ModelResult result;
    Verdict verdict = model.getVerdict();
    if (verdict != null) {
      result = results.decided(model, verdict);
    } else {
      result = results.begin(model);
      attempt(model, result, decider);
    }
    metrics.count(result.getOutcome(), result.getReason());
    return result;
  }

  private static void attempt(AssembledModel model, ModelResult result, ManifestDecider decider) {
    try {
      decider.finish(model, result);
    } catch (Exception | Error e) {
      // Errors, too: a statement of a million resources asks for large arrays, and all else can go
      // on without them.
      ModelFailure failure = LibraryFaults.failureOf(model.getHeader().getModel(), e);
      if (failure.reason() == FailureReason.INTERNAL_ERROR || e instanceof Error) {
        LOG.error("{} failed", Printable.of(model.getHeader().getModel()), e);
      }
      ModelResults.fail(result, failure);
    }
  }
}
