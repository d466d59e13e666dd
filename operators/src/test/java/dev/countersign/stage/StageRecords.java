package dev.countersign.stage;

import dev.countersign.hashing.Blake3Compressor;
import dev.countersign.hashing.Blake3Kernel;
import dev.countersign.hashing.Blake3State;
import dev.countersign.hashing.HashKernel;
import dev.countersign.hashing.HashKernels;
import dev.countersign.hashing.HashState;
import dev.countersign.hashing.KernelChoice;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCause;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ListedModel;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.RangeDigest;
import dev.countersign.schemas.SubtreeValue;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.Verdict;
import dev.countersign.storage.ListingRules;
import dev.countersign.storage.ListingRulesFixture;
import dev.countersign.storage.Storages;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Records for tests of stages. */
final class StageRecords {

  private static final HashKernel BLAKE3 =
      HashKernels.of(KernelChoice.PORTABLE).forAlgorithm("blake3");

  private StageRecords() {}

  static ModelHeader header(long entryId, int attempt) {
    return ModelHeader.newBuilder()
        .setEntryId(entryId)
        .setAttempt(attempt)
        .setOperation(Operation.SIGN)
        .setModel("/models/" + entryId)
        .setName("name")
        .setSubject("subject")
        .setHashType("sha256")
        .setMethod("files")
        .setIgnorePaths(List.of("model.sig"))
        .setStarted(1_700_000_000_000L)
        .build();
  }

  /** A unit that hashed one file of ten bytes, named after it. */
  static UnitRecord unit(long entryId, int attempt, int unit, int unitCount) {
    byte[] digest = new byte[32];
    digest[0] = (byte) unit;
    return UnitRecord.newBuilder()
        .setHeader(header(entryId, attempt))
        .setUnit(unit)
        .setUnitCount(unitCount)
        .setDigests(List.of(new RangeDigest("file" + unit, 0L, -1L, ByteBuffer.wrap(digest))))
        .setCounts(new DifferenceCounts(0L, 0L, 0L, 0L))
        .setBytes(10)
        .setFiles(1)
        .build();
  }

  /** A unit that hashed a subtree of 1 KiB, or of the rest, of the file "large". */
  static UnitRecord subtree(byte[] content, int unit, int unitCount) {
    int start = unit * Blake3Compressor.CHUNK_BYTES;
    int end = Math.min(content.length, start + Blake3Compressor.CHUNK_BYTES);
    Blake3State state = ((Blake3Kernel) BLAKE3).newSubtree(unit);
    state.update(content, start, end - start);
    UnitRange range =
        UnitRange.newBuilder()
            .setName("large")
            .setStart(start)
            .setEnd(end)
            .setLength(content.length)
            .setVersion("v1")
            .setModified(5)
            .setSubtree(true)
            .build();
    UnitRecord record = unit(1, 1, unit, unitCount);
    record.setDigests(List.of());
    record.setSubtrees(List.of(new SubtreeValue(range, ByteBuffer.wrap(state.chainingValue()))));
    record.setFiles(unit == 0 ? 1L : 0L);
    return record;
  }

  /** The BLAKE3 digest of a whole input. */
  static ByteBuffer blake3(byte[] content) {
    HashState state = BLAKE3.newState();
    state.update(content, 0, content.length);
    return ByteBuffer.wrap(state.digest());
  }

  /** A unit that found {@code changed} files changed and lists them. */
  static UnitRecord differing(int unit, int unitCount, int changed) {
    List<Difference> differences = new ArrayList<>();
    for (int i = 0; i < changed; i++) {
      differences.add(
          new Difference(
              DifferenceKind.CHANGED,
              "file" + unit + "-" + i,
              "00",
              "11",
              "",
              DifferenceCause.NONE));
    }
    UnitRecord record = unit(1, 1, unit, unitCount);
    record.setDifferences(differences);
    record.setCounts(new DifferenceCounts(1L, 2L, (long) changed, 1L));
    return record;
  }

  static UnitRecord verdict(long entryId, int attempt, int unitCount) {
    return UnitRecord.newBuilder()
        .setHeader(header(entryId, attempt))
        .setUnit(unitCount)
        .setUnitCount(unitCount)
        .setVerdict(new Verdict(Outcome.FAILED, FailureReason.UNREADABLE, "cannot be read"))
        .build();
  }

  static AssembledModel model(int files) {
    List<UnitRecord> units = new ArrayList<>();
    for (int unit = 0; unit < files; unit++) {
      units.add(unit(1, 1, unit, files));
    }
    return AssembleManifest.merge(units, List.of(), 100);
  }

  /**
   * As the other one, whose own folder is empty and stays so; its bundle lies in {@code folder}.
   */
  static AssembledModel model(int files, Path folder, String bundle) throws Exception {
    AssembledModel model = model(files);
    String empty = Files.createDirectories(folder.resolve("empty")).toString();
    ListingRules rules = ListingRulesFixture.of(name -> false, false, List.of(), 1, 1, 0);
    model.getHeader().setModel(empty);
    model.getHeader().setBundle(folder.resolve(bundle).toString());
    model
        .getHeader()
        .setListing(
            ListedModel.newBuilder()
                .setFingerprint(Storages.forUri(empty).summarize(empty, rules).fingerprint())
                .setFolder(folder.toString())
                .build());
    return model;
  }
}
