package dev.countersign.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.KeyHint;
import dev.countersign.keys.KeyPairFiles;
import dev.countersign.metrics.ResultMetrics;
import dev.countersign.oms.OmsBounds;
import dev.countersign.records.ResultFormat;
import dev.countersign.records.ResultReader;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCause;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.sink.WritePermit;
import dev.countersign.source.planning.ExistingBundle;
import dev.countersign.verification.KeyVerifier;
import dev.countersign.verification.VerifiedBundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of an assembled model. */
final class ModelStageTest {

  @TempDir Path folder;

  private final KeyPair pair = KeyPairFiles.generate("P-256");
  private Path key;

  @BeforeEach
  void writeKey() throws Exception {
    key = folder.resolve("test.key");
    Files.write(key, KeyPairFiles.privatePem(pair.getPrivate(), Optional.empty()));
  }

  @Test
  void sign_ofAModel_writesABundleOfItsManifest() throws Exception {
    ModelResult result = run(signing(ExistingBundle.REPLACE), model("m.sig"));

    assertThat(result.getOutcome()).isEqualTo(Outcome.SIGNED);
    assertThat(result.getReason()).isEqualTo(FailureReason.NONE);
    assertThat(result.getSigner()).isEqualTo(KeyHint.of(pair.getPublic()));
    assertThat(result.getSignatureMethod()).isEqualTo("key");
    assertThat(result.getStarted()).isEqualTo(Instant.ofEpochMilli(1_700_000_000_000L));
    VerifiedBundle verified =
        KeyVerifier.of(pair.getPublic(), OmsBounds.defaults())
            .verify(Files.readAllBytes(folder.resolve("m.sig")));
    assertThat(verified.manifest().rootDigest().hex()).isEqualTo(result.getRootDigest());
    assertThat(verified.manifest().modelName()).isEqualTo("subject");
    assertThat(verified.manifest().serialization().ignorePaths()).containsExactly("model.sig");
  }

  @Test
  void sign_ofAModelThatThisRunSigned_keepsItsBundleEvenIfNoneMayBeReplaced() throws Exception {
    ModelResult first = run(signing(ExistingBundle.REPLACE), model("m.sig"));
    byte[] bundle = Files.readAllBytes(folder.resolve("m.sig"));

    ModelResult again = run(signing(ExistingBundle.REFUSE), model("m.sig"));

    assertThat(again.getOutcome()).isEqualTo(Outcome.SIGNED);
    assertThat(again.getBundleSha256()).isEqualTo(first.getBundleSha256());
    assertThat(folder.resolve("m.sig")).hasBinaryContent(bundle);
  }

  @Test
  void sign_whereAnothersBundleLies_refusesIfTold() throws Exception {
    Files.writeString(folder.resolve("m.sig"), "another's");

    ModelResult result = run(signing(ExistingBundle.REFUSE), model("m.sig"));

    assertThat(result.getReason()).isEqualTo(FailureReason.BUNDLE_EXISTS);
    assertThat(result.getMessage()).contains("'no-overwrite'");
    assertThat(folder.resolve("m.sig")).hasContent("another's");
  }

  @Test
  void sign_whereNothingCanBeWritten_failsTheModelAlone() throws Exception {
    Files.writeString(folder.resolve("file"), "no folder");

    ModelResult result = run(signing(ExistingBundle.REPLACE), model("file/m.sig"));

    assertThat(result.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(result.getReason()).isEqualTo(FailureReason.OUTPUT_NOT_WRITABLE);
    assertThat(result.getMessage()).contains("m.sig");
    assertThat(result.getRootDigest()).hasSize(64);
    assertThat(result.getBundleSha256()).isEmpty();
  }

  @Test
  void sign_withAFileThatIsNoKey_endsTheJobWithoutRestarts() throws Exception {
    Files.writeString(key, "no key");

    assertThatThrownBy(() -> run(signing(ExistingBundle.REPLACE), model("m.sig")))
        .isInstanceOf(SuppressRestartsException.class)
        .cause()
        .isInstanceOf(KeyFormatException.class)
        .hasMessageContaining("test.key");
  }

  @Test
  void sign_ofAVerdict_passesItOnAndWritesNothing() throws Exception {
    AssembledModel decided = AssembleManifest.decided(StageRecords.verdict(1, 2, 0));
    decided.getHeader().setBundle(folder.resolve("m.sig").toString());

    ModelResult result = run(signing(ExistingBundle.REPLACE), decided);

    assertThat(result.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(result.getReason()).isEqualTo(FailureReason.UNREADABLE);
    assertThat(result.getMessage()).isEqualTo("cannot be read");
    assertThat(result.getAttempt()).isEqualTo(2);
    assertThat(folder.resolve("m.sig")).doesNotExist();
  }

  @Test
  void sign_ofARecordThatMakesNoSense_isAFailureOfOurs() throws Exception {
    AssembledModel model = model("m.sig");
    model.getHeader().setMethod("no method");

    ModelResult result = run(signing(ExistingBundle.REPLACE), model);

    assertThat(result.getReason()).isEqualTo(FailureReason.INTERNAL_ERROR);
    assertThat(result.getMessage()).contains("Please report it");
  }

  @Test
  void digest_ofAModel_givesTheDigestThatSigningGives() throws Exception {
    ModelResult digested = run(stage(Operation.DIGEST, null), model("m.sig"));
    ModelResult signed = run(signing(ExistingBundle.REPLACE), model("m.sig"));

    assertThat(digested.getOutcome()).isEqualTo(Outcome.DIGESTED);
    assertThat(digested.getRootDigest()).isEqualTo(signed.getRootDigest());
    assertThat(digested.getBytes()).isEqualTo(30);
    assertThat(digested.getRunId()).isEqualTo("run");
  }

  @ParameterizedTest
  @EnumSource(
      value = Operation.class,
      names = {"VERIFY", "DIGEST"},
      mode = EnumSource.Mode.EXCLUDE)
  void stage_thatSignsWithoutAKey_isRefused(Operation operation) {
    assertThatThrownBy(() -> stage(operation, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cannot decide without a key: " + operation);
  }

  @Test
  void verify_ofAModelWithoutDifferences_verifies() throws Exception {
    ModelResult result = run(stage(Operation.VERIFY, null), model("m.sig"));

    assertThat(result.getOutcome()).isEqualTo(Outcome.VERIFIED);
    assertThat(result.getMessage()).isEmpty();
    assertThat(result.getTruncated()).isFalse();
  }

  @Test
  void verify_ofDifferences_countsAllAndSaysWhetherItListsAll() throws Exception {
    List<UnitRecord> units = List.of(StageRecords.differing(0, 1, 3));

    ModelResult truncated =
        run(stage(Operation.VERIFY, null), AssembleManifest.merge(units, List.of(), 2));
    units.get(0).getCounts().setMissing(0L);
    units.get(0).getCounts().setExtra(0L);
    ModelResult complete =
        run(stage(Operation.VERIFY, null), AssembleManifest.merge(units, List.of(), 3));

    assertThat(truncated.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(truncated.getReason()).isEqualTo(FailureReason.CONTENT_MISMATCH);
    assertThat(truncated.getMessage()).contains("3 changed, 1 missing, 2 extra");
    assertThat(truncated.getTruncated()).isTrue();
    assertThat(complete.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(complete.getTruncated()).isFalse();
  }

  /** Of all that a result holds, differences alone may be many. */
  @ParameterizedTest
  @CsvSource({"1000000, 16", "10000, 9500"})
  void result_ofAsManyOrAsLongDifferencesAsAreRecorded_isReadBack(int count, int length)
      throws Exception {
    Difference difference =
        new Difference(
            DifferenceKind.EXTRA, "x".repeat(length), "", "", "", DifferenceCause.LENGTH);
    UnitRecord unit = StageRecords.differing(0, 1, 0);
    unit.setDifferences(Collections.nCopies(count, difference));
    unit.setCounts(new DifferenceCounts(0L, (long) count, 0L, 0L));
    unit.getHeader().setLabels(Map.of("team", "vision"));
    ModelResult result =
        run(
            stage(Operation.VERIFY, null),
            AssembleManifest.merge(List.of(unit), List.of(), 1_000_000));
    org.apache.flink.core.fs.Path file =
        new org.apache.flink.core.fs.Path(folder.resolve("large.avro").toUri());
    try (FSDataOutputStream output =
        FileSystem.getLocalFileSystem().create(file, FileSystem.WriteMode.NO_OVERWRITE)) {
      BulkWriter<ModelResult> writer = ResultFormat.AVRO.writers().create(output);
      writer.addElement(result);
      writer.finish();
    }

    try (ResultReader reader = ResultFormat.AVRO.open(file)) {
      ModelResult read = reader.next();

      assertThat(read.getExtra()).isEqualTo(count);
      assertThat(read.getDifferences().size())
          .isEqualTo(result.getDifferences().size())
          .isEqualTo((int) Math.min(count, (16L << 20) / length));
      assertThat(read.getTruncated()).isEqualTo(read.getDifferences().size() < count);
      assertThat(reader.next()).isNull();
    }
  }

  /** Bytes that were added to a signed file do not pass as an unsigned file. */
  @Test
  void verify_ofAFileThatHasGrown_doesNotAdviseToIgnoreIt() throws Exception {
    AssembledModel grown = StageRecords.model(3);
    grown.setCounts(new DifferenceCounts(0L, 1L, 0L, 0L));
    grown.setDifferences(
        List.of(
            new Difference(
                DifferenceKind.EXTRA,
                "a:10:12",
                "",
                "",
                "the file is 12 bytes long",
                DifferenceCause.LENGTH)));

    ModelResult result = run(stage(Operation.VERIFY, null), grown);

    assertThat(result.getMessage())
        .endsWith(
            " 1 extra. Restore the signed files, or sign the model again if the change is"
                + " intended.");
  }

  @Test
  void verify_ofLinkedDirectoriesAlone_saysSoByReason() throws Exception {
    AssembledModel linked = StageRecords.model(3);
    linked.setCounts(new DifferenceCounts(0L, 2L, 0L, 2L));
    AssembledModel more = StageRecords.model(3);
    more.setCounts(new DifferenceCounts(0L, 3L, 0L, 2L));

    ModelResult only = run(stage(Operation.VERIFY, null), linked);
    ModelResult among = run(stage(Operation.VERIFY, null), more);

    assertThat(only.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(only.getReason()).isEqualTo(FailureReason.UNSIGNED_LINKED_DIRECTORY);
    assertThat(only.getMessage())
        .contains("links to directories (2)", "'ignore-paths'", "'ignore-unsigned-files'");
    assertThat(among.getReason()).isEqualTo(FailureReason.CONTENT_MISMATCH);
    assertThat(among.getMessage()).contains("0 changed, 0 missing, 3 extra");
  }

  @Test
  void decider_thatRunsOutOfMemory_failsTheModelAlone() throws Exception {
    ModelResult result =
        decided(
            (model, unfinished, permit) -> {
              throw new OutOfMemoryError("an array of a test's");
            });

    assertThat(result.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(result.getReason()).isEqualTo(FailureReason.LIMIT_EXCEEDED);
    assertThat(result.getMessage()).contains("more memory than the ", "-Xmx");
  }

  @Test
  void decider_thatEndsInAnotherError_failsTheModelAlone() throws Exception {
    ModelResult result =
        decided(
            (model, unfinished, permit) -> {
              throw new StackOverflowError();
            });

    assertThat(result.getReason()).isEqualTo(FailureReason.INTERNAL_ERROR);
    assertThat(result.getMessage()).contains("StackOverflowError");
  }

  @Test
  void result_ofAModelThatWasTriedAgain_isALaterAttempt() throws Exception {
    AssembledModel model = model("m.sig");
    model.setRetries(2);

    ModelResult result = run(signing(ExistingBundle.REPLACE), model);

    assertThat(result.getOutcome()).isEqualTo(Outcome.SIGNED);
    assertThat(result.getAttempt()).isEqualTo(3);
  }

  private AssembledModel model(String bundle) throws Exception {
    return StageRecords.model(3, folder, bundle);
  }

  private ModelStage signing(ExistingBundle existing) {
    return stage(Operation.SIGN, StageHarness.signing(key, existing, null));
  }

  private static ModelStage stage(Operation operation, @Nullable SignSettings signing) {
    return StageHarness.stage(operation, signing, Duration.ofMinutes(1));
  }

  private ModelResult decided(Decider decider) throws Exception {
    return new ModelResults("run", new ResultMetrics(new UnregisteredMetricsGroup()))
        .of(model("m.sig"), decider, new WritePermit(() -> {}));
  }

  private static ModelResult run(ModelStage stage, AssembledModel model) throws Exception {
    List<ModelResult> results = StageHarness.run(stage, List.of(model));
    assertThat(results).hasSize(1);
    return results.get(0);
  }
}
