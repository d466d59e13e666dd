package dev.countersign.stage;

import dev.countersign.oms.Printable;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Verdict;
import dev.countersign.source.ModelFailure;
import java.time.Clock;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What sign, verify and digest have in common: one result a model, whatever goes wrong with it. A
 * fault of the program becomes a failed result too, and is logged.
 */
abstract class ResultStage extends ProcessFunction<AssembledModel, ModelResult> {

  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(ResultStage.class);

  private final String runId;

  private transient @Nullable ModelResults results;
  private transient @Nullable ResultMetrics metrics;

  ResultStage(String runId) {
    this.runId = runId;
  }

  /** Sets the outcome of {@code result}, which is filled as far as {@code model} is known. */
  abstract void finish(AssembledModel model, ModelResult result) throws Exception;

  @Override
  public void open(OpenContext context) throws Exception {
    results = new ModelResults(runId, Clock.systemUTC());
    metrics = new ResultMetrics(getRuntimeContext().getMetricGroup());
  }

  @Override
  public final void processElement(
      AssembledModel model, Context context, Collector<ModelResult> out) {
    if (results == null || metrics == null) {
      throw new IllegalStateException("used before open()");
    }
    ModelResult result;
    Verdict verdict = model.getVerdict();
    if (verdict != null) {
      result = results.decided(model, verdict);
    } else {
      result = results.begin(model);
      attempt(model, result);
    }
    metrics.count(result.getOutcome());
    out.collect(result);
  }

  private void attempt(AssembledModel model, ModelResult result) {
    try {
      finish(model, result);
    } catch (OutOfMemoryError e) {
      // A statement of a million resources asks for large arrays; all else can go on without them.
      LOG.error("{} took all memory", Printable.of(model.getHeader().getModel()), e);
      ModelResults.fail(result, ModelFailure.outOfMemory(model.getHeader().getModel()));
    } catch (Exception e) {
      ModelFailure failure = ModelFailure.of(e);
      if (failure.reason() == FailureReason.INTERNAL_ERROR) {
        LOG.error("{} failed", Printable.of(model.getHeader().getModel()), e);
      }
      ModelResults.fail(result, failure);
    }
  }
}
