package dev.countersign.stage;

import dev.countersign.keys.PassphraseSource;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.outcome.FailureLimit;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.signing.KeySigningSettings;
import dev.countersign.signing.TimestampSettings;
import dev.countersign.source.planning.ExistingBundle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.operators.async.AsyncWaitOperatorFactory;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;

/** Runs {@link ModelStage} in the operator that the pipeline runs it in. */
final class StageHarness {

  private static final FaultSettings QUICK =
      new FaultSettings(3, Duration.ofMillis(1), Duration.ofMillis(2), FailureLimit.NONE);

  private StageHarness() {}

  static ModelStage stage(
      Operation operation, @Nullable SignSettings signing, Duration stallTimeout) {
    return new ModelStage("run", operation, signing, QUICK, stallTimeout);
  }

  static SignSettings signing(
      Path key, ExistingBundle existing, @Nullable TimestampSettings timestamps) {
    return new SignSettings(
        new KeySigningSettings(key.toString(), PassphraseSource.NONE),
        timestamps,
        ShardAlgorithm.CLIENT,
        existing,
        OmsBounds.defaults(),
        "");
  }

  static OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> of(ModelStage stage)
      throws Exception {
    OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> harness =
        new OneInputStreamOperatorTestHarness<>(
            new AsyncWaitOperatorFactory<>(
                stage, 0, ModelStage.IN_PROGRESS, AsyncDataStream.OutputMode.UNORDERED),
            new AssembledModelType().createSerializer(new SerializerConfigImpl()));
    harness.getExecutionConfig().enableObjectReuse();
    return harness;
  }

  /** Returns the results of models, in the order in which they came. */
  static List<ModelResult> run(ModelStage stage, List<AssembledModel> models) throws Exception {
    try (OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> harness = of(stage)) {
      harness.open();
      for (AssembledModel model : models) {
        harness.processElement(model, 0);
      }
      harness.endInput();
      return harness.extractOutputValues();
    }
  }
}
