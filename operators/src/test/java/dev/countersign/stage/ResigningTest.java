package dev.countersign.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.ReplacedBundle;
import dev.countersign.keys.KeyHint;
import dev.countersign.keys.KeyPairFiles;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.Sha256;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.SignerCertificate;
import dev.countersign.schemas.StatementCut;
import dev.countersign.source.StorageCalls;
import dev.countersign.source.planning.ExistingBundle;
import dev.countersign.storage.Storages;
import dev.countersign.verification.KeyVerifier;
import dev.countersign.verification.VerifiedBundle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of an assembled model that is to be signed again. */
final class ResigningTest {

  private static final String OLD = "0123456789abcdef".repeat(4);

  @TempDir Path folder;

  private final KeyPair pair = KeyPairFiles.generate("P-256");
  private Path key;

  @BeforeEach
  void writeKey() throws Exception {
    key = folder.resolve("test.key");
    Files.write(key, KeyPairFiles.privatePem(pair.getPrivate(), Optional.empty()));
  }

  @Test
  void resign_ofAModelThatIsWhatWasSigned_saysWhoSignedBefore() throws Exception {
    AssembledModel model = verified("previous bundle");
    model.getHeader().setCertificate(new SignerCertificate());
    model.getHeader().getCertificate().setTimestampAuthority("CN=TSA");
    model.getHeader().getCertificate().setCheckedAt(Instant.EPOCH);

    ModelResult result = run(signing(), model);

    assertThat(result.getOutcome()).as(result.getMessage()).isEqualTo(Outcome.SIGNED);
    assertThat(result.getSigner()).isEqualTo(KeyHint.of(pair.getPublic()));
    assertThat(result.getPreviousSigner()).isEqualTo(OLD);
    assertThat(result.getCertificate()).isNull();
    assertThat(result.getTimestamp()).isNull();
    assertThat(result.getSignatureMethod()).isEqualTo("key");
    assertThat(result.getPolicyRule()).isEqualTo("rule");
    assertThat(result.getBundleSha256())
        .isEqualTo(Sha256.hex(Files.readAllBytes(folder.resolve("m.sig"))));
    VerifiedBundle verified =
        KeyVerifier.of(pair.getPublic(), OmsBounds.defaults())
            .verify(Files.readAllBytes(folder.resolve("m.sig")));
    assertThat(verified.manifest().rootDigest().hex()).isEqualTo(result.getRootDigest());
  }

  @Test
  void resign_ofAModelThatDiffers_reportsAsVerifyDoesAndWritesNothing() throws Exception {
    AssembledModel model = verified("previous bundle");
    model.setCounts(new DifferenceCounts(0L, 0L, 2L, 0L));
    model.getHeader().setPreviousCut(new StatementCut("shards", "blake2b", 7L));

    ModelResult result = run(signing(), model);

    assertThat(result.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(result.getReason()).isEqualTo(FailureReason.CONTENT_MISMATCH);
    assertThat(result.getMessage()).contains("2 changed, 0 missing, 0 extra");
    assertThat(result.getTruncated()).isTrue();
    assertThat(result.getSigner()).isEqualTo(OLD);
    assertThat(result.getPreviousSigner()).isEmpty();
    assertThat(result.getHashType()).isEqualTo("blake2b");
    assertThat(result.getSerialization()).isEqualTo("shards");
    assertThat(result.getShardSize()).isEqualTo(7);
    assertThat(folder.resolve("m.sig")).hasContent("previous bundle");
  }

  @Test
  void resign_ofABundleThatWasReplacedMeanwhile_leavesIt() throws Exception {
    AssembledModel model = verified("previous bundle");
    Files.writeString(folder.resolve("m.sig"), "another's");

    ModelResult result = run(signing(), model);

    assertThat(result.getReason()).isEqualTo(FailureReason.CHANGED_WHILE_READ);
    assertThat(folder.resolve("m.sig")).hasContent("another's");
  }

  @Test
  void copyOfAReplacedBundle_isThereUntilALaterCheckpointHasCompleted() throws Exception {
    AssembledModel model = verified("previous bundle");
    Path copy = copy();

    try (OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> harness = harness()) {
      OperatorSubtaskState unused = harness.snapshot(1, 0);
      harness.processElement(model, 0);
      harness.endInput();
      harness.notifyOfCompletedCheckpoint(1);
    }
    assertThat(copy).hasContent("previous bundle");

    OperatorSubtaskState saved;
    try (OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> harness = harness()) {
      harness.processElement(model, 0);
      harness.endInput();
      saved = harness.snapshot(2, 0);
    }
    assertThat(copy).hasContent("previous bundle");

    try (OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> harness = harness()) {
      harness.processElement(model, 0);
      harness.endInput();
      OperatorSubtaskState unused = harness.snapshot(2, 0);
      harness.notifyOfCompletedCheckpoint(2);
    }
    assertThat(copy).doesNotExist();

    Files.writeString(copy, "of a process that was killed");
    deleteCopies(saved);
    assertThat(copy).doesNotExist();
  }

  /** Or a restore from that checkpoint would do the model again, without the copy. */
  @Test
  void copyOfAReplacedBundle_whoseResultIsNotInTheCheckpoint_isThereWhenItCompletes()
      throws Exception {
    AssembledModel model = verified("previous bundle");

    try (OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> harness = harness()) {
      harness.processElement(model, 0);
      while (!harness.getTaskMailbox().hasMail()) {
        Thread.sleep(1);
      }
      OperatorSubtaskState unused = harness.snapshot(1, 0);
      harness.notifyOfCompletedCheckpoint(1);
    }

    assertThat(copy()).hasContent("previous bundle");
  }

  @Test
  void copyOfAReplacedBundle_ofAModelThatFailedAfterACrash_isDeletedToo() throws Exception {
    AssembledModel model = verified("previous bundle");
    model.setVerdict(new ModelFailure(FailureReason.CONTENT_MISMATCH, "changed").verdict());
    Files.writeString(copy(), "previous bundle");

    try (OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> harness = harness()) {
      harness.processElement(model, 0);
      harness.endInput();
      OperatorSubtaskState unused = harness.snapshot(1, 0);
      harness.notifyOfCompletedCheckpoint(1);
    }

    assertThat(copy()).doesNotExist();
  }

  @Test
  void copyOfAReplacedBundle_whoseFolderALinkReplaced_isNotDeletedWhereTheLinkLeads()
      throws Exception {
    Path own = Files.createDirectory(folder.resolve("own"));
    Path other = Files.createDirectory(folder.resolve("other"));
    Path copy = Path.of(ReplacedBundle.of(own + "/m.sig", "run").uri());
    Path of = other.resolve(copy.getFileName());
    AssembledModel model = verified("previous bundle");
    model.getHeader().setBundle(own + "/m.sig");
    model.getHeader().getListing().setFolder(own.toString());
    model
        .getHeader()
        .getListing()
        .setFolderIdentity(Storages.forUri(own.toString()).pin(own + "/m.sig").identity());
    model.setVerdict(new ModelFailure(FailureReason.CONTENT_MISMATCH, "changed").verdict());
    OperatorSubtaskState saved;
    try (OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> harness = harness()) {
      harness.processElement(model, 0);
      harness.endInput();
      saved = harness.snapshot(1, 0);
    }

    Files.writeString(copy, "previous bundle");
    deleteCopies(saved);
    assertThat(copy).doesNotExist();

    Files.writeString(of, "another's");
    Files.move(own, folder.resolve("moved"));
    Files.createSymbolicLink(own, other);
    deleteCopies(saved);
    assertThat(of).hasContent("another's");
  }

  /** As at the end of a run, whose last checkpoint is the only one if the interval is long. */
  @Test
  void copiesOfReplacedBundles_whenTheStageClosesAfterACheckpoint_areAllDeletedOnce()
      throws Exception {
    String store = StorageCalls.Disk.SCHEME + "://here";
    Storages.configure(
        Map.of(
            "fs." + StorageCalls.Disk.SCHEME + ".impl",
            StorageCalls.Disk.class.getName(),
            "fs." + StorageCalls.Disk.SCHEME + ".impl.disable.cache",
            "true"));
    try {
      try (OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> harness = harness()) {
        for (int i = 0; i < 100; i++) {
          AssembledModel model = verified("previous bundle");
          String bundle = store + folder.resolve(i + ".sig");
          String copy = ReplacedBundle.of(bundle, "run").uri();
          Files.writeString(Path.of(copy.substring(store.length())), "previous bundle");
          model.getHeader().setBundle(bundle);
          model.getHeader().setListing(null);
          model.setVerdict(new ModelFailure(FailureReason.CONTENT_MISMATCH, "changed").verdict());
          harness.processElement(model, 0);
        }
        harness.endInput();
        OperatorSubtaskState unused = harness.snapshot(1, 0);
        List<String> unusedCalls = StorageCalls.take();
        StorageCalls.delay(50);
        harness.notifyOfCompletedCheckpoint(1);
        harness.notifyOfCompletedCheckpoint(1);
      }
    } finally {
      StorageCalls.delay(0);
      Storages.configure(Map.of());
    }

    assertThat(folder).isDirectoryNotContaining("glob:**countersign-replaced*");
    assertThat(StorageCalls.take()).filteredOn("delete"::equals).hasSize(100);
  }

  @Test
  void copiesOfReplacedBundles_whoseDeletionsGetOn_areWaitedForHoweverLong() throws Exception {
    Set<Integer> left = new HashSet<>(List.of(0, 1, 2, 3, 4));
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>()) {
          @Override
          public boolean awaitTermination(long timeout, TimeUnit unit) {
            // The last one hangs.
            return left.size() > 1 && !left.remove(left.size() - 1);
          }
        };

    boolean over = ReplacedBundles.isOver(threads, left, Duration.ofSeconds(30));

    assertThat(left).containsExactly(0);
    assertThat(over).isFalse();
  }

  @Test
  void copiesOfReplacedBundles_inFoldersOfTwoModels_haveTwoNames() {
    Path copy = copy();
    Path other = Path.of(ReplacedBundle.of(folder.resolve("other/m.sig").toString(), "run").uri());

    assertThat(other.getFileName()).isNotEqualTo(copy.getFileName());
  }

  /** A stage that is restored, and whose next checkpoint completes. */
  private void deleteCopies(OperatorSubtaskState saved) throws Exception {
    try (OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> harness =
        StageHarness.of(signing())) {
      harness.initializeState(saved);
      harness.open();
      OperatorSubtaskState unused = harness.snapshot(3, 0);
      harness.notifyOfCompletedCheckpoint(3);
    }
  }

  private Path copy() {
    return Path.of(ReplacedBundle.of(folder.resolve("m.sig").toString(), "run").uri());
  }

  private OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> harness()
      throws Exception {
    OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> harness =
        StageHarness.of(signing());
    harness.open();
    return harness;
  }

  /** A model that is to be signed again, with {@code bundle} where its bundle lies. */
  private AssembledModel verified(String bundle) throws Exception {
    Files.writeString(folder.resolve("m.sig"), bundle);
    AssembledModel model = model("m.sig");
    model.getHeader().setOperation(Operation.RESIGN);
    model.getHeader().setSigner(OLD);
    model.getHeader().setPreviousSigner(OLD);
    model.getHeader().setSignatureMethod("certificate");
    model.getHeader().setPolicyRule("rule");
    model.getHeader().setBundleSha256(Sha256.hex(bundle.getBytes(StandardCharsets.UTF_8)));
    return model;
  }

  private AssembledModel model(String bundle) throws Exception {
    return StageRecords.model(3, folder, bundle);
  }

  private ModelStage signing() {
    return StageHarness.stage(
        Operation.RESIGN,
        StageHarness.signing(key, ExistingBundle.REPLACE, null),
        Duration.ofMinutes(1));
  }

  private static ModelResult run(ModelStage stage, AssembledModel model) throws Exception {
    return StageHarness.run(stage, List.of(model)).get(0);
  }
}
