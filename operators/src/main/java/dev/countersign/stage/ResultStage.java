package dev.countersign.stage;

import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.ModelResult;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/** What sign, verify and digest have in common: one result a model, made on the task's thread. */
abstract class ResultStage extends ProcessFunction<AssembledModel, ModelResult>
    implements ModelResults.Decider {

  private static final long serialVersionUID = 1L;

  private final String runId;

  private transient @Nullable ModelResults results;

  ResultStage(String runId) {
    this.runId = runId;
  }

  @Override
  public void open(OpenContext context) throws Exception {
    results = new ModelResults(runId, getRuntimeContext());
  }

  @Override
  public final void processElement(
      AssembledModel model, Context context, Collector<ModelResult> out) {
    if (results == null) {
      throw new IllegalStateException("used before open()");
    }
    ModelResult result = results.of(model, this);
    ended(result);
    out.collect(result);
  }

  /** Called when the result of a model is known, before it is passed on. */
  void ended(ModelResult result) {}
}
