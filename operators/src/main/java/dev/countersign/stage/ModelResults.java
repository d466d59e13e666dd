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
import dev.countersign.sink.WritePermit;
import dev.countersign.storage.RequestCounts;
import dev.countersign.text.Printable;
import java.time.Instant;
import java.util.Map;
import org.apache.flink.runtime.execution.SuppressRestartsException;
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

  /** Makes results of the run {@code runId}. */
  ModelResults(String runId, ResultMetrics metrics) {
    this.runId = runId;
    this.metrics = metrics;
  }

  /**
   * Returns the result of a model, which {@code decider} is asked for if it is not decided yet; it
   * is still to be {@link #count counted}.
   *
   * @throws SuppressRestartsException if the run is to end
   */
  ModelResult of(AssembledModel model, Decider decider, WritePermit permit) {
    ModelResult result = begin(model);
    Verdict verdict = model.getVerdict();
    if (verdict != null) {
      result.setOutcome(verdict.getOutcome());
      result.setReason(verdict.getReason());
      result.setMessage(verdict.getMessage());
      return result;
    }
    try {
      decider.decide(model, result, permit);
    } catch (SuppressRestartsException e) {
      throw e;
    } catch (Exception | Error e) {
      // Errors, too: a statement of a million resources asks for large arrays, and all else can go
      // on without them.
      ModelFailure failure = LibraryFaults.failureOf(model.getHeader().getModel(), e);
      if (failure.reason() == FailureReason.INTERNAL_ERROR || e instanceof Error) {
        LOG.error("{} failed", Printable.of(model.getHeader().getModel()), e);
      }
      fail(result, failure);
    }
    return result;
  }

  /** Returns the result of a model that failed for what is not the decider's to say. */
  ModelResult failed(AssembledModel model, ModelFailure failure) {
    ModelResult result = begin(model);
    fail(result, failure);
    return result;
  }

  /** Counts a result that is passed on now. */
  void count(ModelResult result) {
    result.setFinished(Instant.now());
    metrics.count(result.getOutcome(), result.getReason());
  }

  /** Adds requests to object stores that it took to decide. */
  void sent(ModelResult result, Map<String, Long> sent) {
    result.setRequests(RequestCounts.plus(result.getRequests(), sent));
    metrics.sent(sent);
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
        .setRequests(model.getRequests())
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

  private static void fail(ModelResult result, ModelFailure failure) {
    result.setOutcome(Outcome.FAILED);
    result.setReason(failure.reason());
    result.setMessage(String.valueOf(failure.getMessage()));
  }

  /** Turns {@code result} into a success. */
  static void succeed(ModelResult result, Outcome outcome) {
    result.setOutcome(outcome);
    result.setReason(FailureReason.NONE);
    result.setMessage("");
  }
}
