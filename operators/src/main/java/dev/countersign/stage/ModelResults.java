package dev.countersign.stage;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.SignerCertificate;
import dev.countersign.schemas.Verdict;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Makes result records. */
final class ModelResults {

  private final String runId;
  private final Clock clock;

  ModelResults(String runId, Clock clock) {
    this.runId = runId;
    this.clock = clock;
  }

  /** A result with all that is known before the outcome; the outcome is still to be set. */
  ModelResult begin(AssembledModel model) {
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
        .setFinished(clock.instant())
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

  /** A result that was decided before the content was known. */
  ModelResult decided(AssembledModel model, Verdict verdict) {
    ModelResult result = begin(model);
    result.setOutcome(verdict.getOutcome());
    result.setReason(verdict.getReason());
    result.setMessage(verdict.getMessage());
    return result;
  }

  /** Turns {@code result} into a failure. */
  static void fail(ModelResult result, ModelFailure failure) {
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
