package dev.countersign.stage;

import dev.countersign.faults.LibraryFaults;
import dev.countersign.metrics.ResultMetrics;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.SignerCertificate;
import dev.countersign.schemas.Verdict;
import dev.countersign.text.Printable;
import java.time.Instant;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one result of a model, whatever goes wrong with it. A fault of the program becomes a failed
 * result too, and is logged. Thread safe.
 */
final class ModelResults {

  private static final Logger LOG = LoggerFactory.getLogger(ModelResults.class);

  private final String runId;
  private final ResultMetrics metrics;

  /** Makes results of the run {@code runId}, which a Flink function counts. */
  ModelResults(String runId, RuntimeContext context) {
    this.runId = runId;
    this.metrics = new ResultMetrics(context.getMetricGroup());
  }

  /** Decides about a model once all of it is known. */
  @FunctionalInterface
  interface Decider {

    /**
     * Sets the outcome of {@code result}, which is filled as far as {@code model} is known.
     *
     * @throws Exception for whatever goes wrong with this model; it becomes a failed result
     */
    void finish(AssembledModel model, ModelResult result) throws Exception;
  }

  /** Returns the result of a model, which {@code decider} is asked for if it is not decided yet. */
  ModelResult of(AssembledModel model, Decider decider) {
    ModelResult result = begin(model);
    Verdict verdict = model.getVerdict();
    if (verdict == null) {
      attempt(model, result, decider);
    } else {
      result.setOutcome(verdict.getOutcome());
      result.setReason(verdict.getReason());
      result.setMessage(verdict.getMessage());
    }
    metrics.count(result.getOutcome(), result.getReason());
    return result;
  }

  private static void attempt(AssembledModel model, ModelResult result, Decider decider) {
    try {
      decider.finish(model, result);
    } catch (Exception | Error e) {
      // Errors, too: a statement of a million resources asks for large arrays, and all else can go
      // on without them.
      ModelFailure failure = LibraryFaults.failureOf(model.getHeader().getModel(), e);
      if (failure.reason() == FailureReason.INTERNAL_ERROR || e instanceof Error) {
        LOG.error("{} failed", Printable.of(model.getHeader().getModel()), e);
      }
      result.setOutcome(Outcome.FAILED);
      result.setReason(failure.reason());
      result.setMessage(String.valueOf(failure.getMessage()));
    }
  }

  /** Returns a result with all that is known before the outcome, which is still to be set. */
  private ModelResult begin(AssembledModel model) {
    ModelHeader header = model.getHeader();
    return ModelResult.newBuilder()
        .setRunId(runId)
        .setEntryId(header.getEntryId())
        .setModel(header.getModel())
        .setName(header.getName())
        .setVersion(header.getVersion())
        .setLine(header.getLine())
        .setLabels(header.getLabels())
        .setOperation(header.getOperation())
        .setDifferences(model.getDifferences())
        .setMissing(model.getCounts().getMissing())
        .setExtra(model.getCounts().getExtra())
        .setChanged(model.getCounts().getChanged())
        .setRootDigest(header.getRootDigest())
        .setHashType(header.getHashType())
        .setSerialization(header.getMethod())
        .setShardSize(header.getShardSize())
        .setSignatureMethod(header.getSignatureMethod())
        .setSigner(header.getSigner())
        .setCertificate(header.getCertificate())
        .setTimestamp(timestamp(header))
        .setPolicyRule(header.getPolicyRule())
        .setSignature(header.getBundle())
        .setBundleSha256(header.getBundleSha256())
        .setBytes(model.getBytes())
        .setFiles(model.getFiles())
        .setStarted(Instant.ofEpochMilli(header.getStarted()))
        .setFinished(Instant.now())
        .setAttempt(header.getAttempt() + model.getRetries())
        .setReused(header.getReused())
        .setWeakened(header.getWeakened())
        .build();
  }

  /** When a timestamp that the check of certificates rests on says that the signature existed. */
  private static @Nullable Instant timestamp(ModelHeader header) {
    SignerCertificate certificate = header.getCertificate();
    return certificate == null || certificate.getTimestampAuthority().isEmpty()
        ? null
        : certificate.getCheckedAt();
  }

  /** Turns {@code result} into a success. */
  static void succeed(ModelResult result, Outcome outcome) {
    result.setOutcome(outcome);
    result.setReason(FailureReason.NONE);
    result.setMessage("");
  }
}
