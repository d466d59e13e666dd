package dev.countersign.verification.sigstore;

import com.google.protobuf.ByteString;
import dev.countersign.oms.LogEntry;
import dev.countersign.oms.LogEntry.InclusionProof;
import dev.countersign.remedy.AdvisedException;
import dev.countersign.remedy.Remedy;
import dev.countersign.text.Printable;
import dev.countersign.verification.SigstoreEvidence.Recorded;
import dev.sigstore.proto.ProtoMutators;
import dev.sigstore.proto.common.v1.LogId;
import dev.sigstore.proto.rekor.v1.Checkpoint;
import dev.sigstore.proto.rekor.v1.InclusionPromise;
import dev.sigstore.proto.rekor.v1.KindVersion;
import dev.sigstore.proto.rekor.v1.TransparencyLogEntry;
import dev.sigstore.rekor.client.Checkpoints;
import dev.sigstore.rekor.client.RekorEntry;
import dev.sigstore.rekor.client.RekorParseException;
import dev.sigstore.rekor.client.RekorVerificationException;
import dev.sigstore.rekor.client.RekorVerifier;
import dev.sigstore.trustroot.TransparencyLog;
import java.io.Serial;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Checks that logs of an instance recorded entries. RekorVerifier of sigstore-java does most, but
 * takes proofs that are too short or too long for the tree, checkpoints of a tree of another size,
 * and those of another origin by the same key.
 */
final class RecordedEntries {

  private static final int HASH_BYTES = 32;

  /** What follows the host in the origin of a log that has several trees. */
  private static final Pattern TREE = Pattern.compile(" - [0-9]{1,20}");

  private final List<TransparencyLog> logs;
  private final RekorVerifier verifier;

  RecordedEntries(List<TransparencyLog> logs) {
    this.logs = logs;
    this.verifier = RekorVerifier.newRekorVerifier(logs);
  }

  /** An entry is not recorded. */
  static final class FaultException extends AdvisedException {

    @Serial private static final long serialVersionUID = 1L;

    FaultException(String problem, Remedy remedy) {
      super(problem, remedy, null);
    }
  }

  /** Returns what the log states about an entry. */
  Recorded require(LogEntry entry) throws FaultException {
    TransparencyLog log =
        TransparencyLog.find(logs, entry.logId())
            .orElseThrow(
                () ->
                    new FaultException(
                        "The log entry is of a transparency log that the trusted root does not"
                            + " have (key id "
                            + HexFormat.of().formatHex(entry.logId())
                            + ").",
                        LibraryEvidence.OTHER_ROOT));
    InclusionProof proof = requireProof(entry);
    requireCheckpoint(proof, log);
    try {
      verifier.verifyEntry(rekorEntry(entry, proof));
    } catch (RekorVerificationException | RuntimeException e) {
      throw fault(
          "does not hold (" + Printable.of(String.valueOf(e.getMessage())) + "): it was changed");
    }
    boolean isPromised = entry.signedEntryTimestamp().length > 0;
    return new Recorded(
        isPromised ? entry.logIndex() : proof.logIndex(),
        isPromised && entry.integratedTime() > 0
            ? Optional.of(Instant.ofEpochSecond(entry.integratedTime()))
            : Optional.empty(),
        log.getPublicKey().getValidFor().getStart(),
        log.getPublicKey().getValidFor().getEnd());
  }

  /** Returns the proof of an entry, whose form fits the tree (RFC 9162, section 2.1.3). */
  private static InclusionProof requireProof(LogEntry entry) throws FaultException {
    InclusionProof proof =
        entry.inclusionProof().orElseThrow(() -> fault("has no proof that the log recorded it"));
    if (proof.checkpoint().isEmpty()) {
      throw fault("has a proof without a checkpoint, which the log would have signed");
    }
    long index = proof.logIndex();
    long last = proof.treeSize() - 1;
    if (index < 0 || proof.treeSize() < 1 || index > last) {
      throw fault("has a proof for a position that its tree does not have");
    }
    int inner = Long.SIZE - Long.numberOfLeadingZeros(index ^ last);
    int border = inner == Long.SIZE ? 0 : Long.bitCount(index >>> inner);
    if (proof.hashes().size() != inner + border
        || proof.rootHash().length != HASH_BYTES
        || proof.hashes().stream().anyMatch(hash -> hash.length != HASH_BYTES)) {
      throw fault("has a proof that does not have the form that its tree requires");
    }
    return proof;
  }

  private static void requireCheckpoint(InclusionProof proof, TransparencyLog log)
      throws FaultException {
    RekorEntry.Checkpoint checkpoint;
    try {
      checkpoint = Checkpoints.from(proof.checkpoint());
    } catch (RekorParseException | RuntimeException e) {
      throw fault("has a malformed checkpoint");
    }
    if (checkpoint.getSize() != proof.treeSize()) {
      throw fault("has a checkpoint of another tree than its proof");
    }
    String host = String.valueOf(log.getBaseUrl().getHost());
    String origin = checkpoint.getOrigin();
    if (!origin.equals(host)
        && !(origin.startsWith(host) && TREE.matcher(origin.substring(host.length())).matches())) {
      throw fault(
          "has a checkpoint of "
              + Printable.of(origin)
              + ", and the trusted root calls its log "
              + Printable.of(host));
    }
  }

  private static RekorEntry rekorEntry(LogEntry entry, InclusionProof proof) {
    TransparencyLogEntry.Builder builder =
        TransparencyLogEntry.newBuilder()
            .setLogIndex(entry.logIndex())
            .setLogId(LogId.newBuilder().setKeyId(ByteString.copyFrom(entry.logId())))
            .setKindVersion(
                KindVersion.newBuilder().setKind(entry.kind()).setVersion(entry.version()))
            .setIntegratedTime(entry.integratedTime())
            .setInclusionProof(
                dev.sigstore.proto.rekor.v1.InclusionProof.newBuilder()
                    .setLogIndex(proof.logIndex())
                    .setRootHash(ByteString.copyFrom(proof.rootHash()))
                    .setTreeSize(proof.treeSize())
                    .addAllHashes(proof.hashes().stream().map(ByteString::copyFrom).toList())
                    .setCheckpoint(Checkpoint.newBuilder().setEnvelope(proof.checkpoint())))
            .setCanonicalizedBody(ByteString.copyFrom(entry.canonicalizedBody()));
    if (entry.signedEntryTimestamp().length > 0) {
      builder.setInclusionPromise(
          InclusionPromise.newBuilder()
              .setSignedEntryTimestamp(ByteString.copyFrom(entry.signedEntryTimestamp())));
    }
    return ProtoMutators.toRekorEntry(builder.build());
  }

  private static FaultException fault(String problem) {
    return new FaultException(
        "The log entry in the bundle " + problem + ".",
        Remedy.text("Fetch the bundle from its producer again."));
  }
}
