package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.oms.BundleJson;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.oms.Sha256;
import dev.countersign.oms.Statement;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifying and signing again in one read, on an embedded cluster. */
@Timeout(300)
final class ResignITCase {

  /** The bytes of the model that tests sign. */
  private static final long BYTES = 10_000 + 3 * 65_536 + 5;

  @TempDir Path folder;

  private TestRuns old;
  private TestRuns fresh;
  private Path model;

  @BeforeEach
  void makeModel() throws Exception {
    old = new TestRuns(Files.createDirectory(folder.resolve("old")));
    fresh = new TestRuns(Files.createDirectory(folder.resolve("fresh")));
    model = Files.createDirectories(folder.resolve("models/m/part")).getParent();
    Files.write(model.resolve("a.bin"), content(10_000));
    Files.write(model.resolve("part/b.bin"), content(3 * 65_536 + 5));
    Files.writeString(model.resolve("notes.txt"), "left out");
    old.ignorePaths = List.of(model.resolve("notes.txt").toString());
  }

  @Test
  void resign_withTheSameHash_carriesAllOverAndReadsOnce() throws Exception {
    ModelResult signed = old.sign(model).get(0);
    Manifest before = manifest();

    ModelResult result = fresh.resign(old, model).get(0);

    assertThat(result.getOutcome()).as(result.getMessage()).isEqualTo(Outcome.SIGNED);
    assertThat(result.getBytes()).isEqualTo(BYTES);
    assertThat(result.getFiles()).isEqualTo(2);
    assertThat(result.getPreviousSigner()).isEqualTo(signed.getSigner());
    assertThat(result.getSigner()).hasSize(64).isNotEqualTo(signed.getSigner());
    assertThat(result.getRootDigest()).isEqualTo(signed.getRootDigest());
    assertThat(result.getBundleSha256())
        .isEqualTo(Sha256.hex(Files.readAllBytes(bundle())))
        .isNotEqualTo(signed.getBundleSha256());
    Manifest after = manifest();
    assertThat(after.resources()).isEqualTo(before.resources());
    assertThat(after.modelName()).isEqualTo(before.modelName());
    assertThat(after.serialization()).isEqualTo(before.serialization());
    assertThat(fresh.verify(model).get(0).getOutcome()).isEqualTo(Outcome.VERIFIED);
    assertThat(old.verify(model).get(0).getReason()).isEqualTo(FailureReason.UNTRUSTED_SIGNER);
  }

  @Test
  void resign_withAnotherHashOrCut_givesTheDigestsOfSigningAnewAndReadsOnce() throws Exception {
    record Way(Serialization from, TestRuns.Changes changes, Serialization to) {}
    HashAlgorithm sha256 = HashAlgorithm.SHA256;
    HashAlgorithm blake3 = HashAlgorithm.BLAKE3;
    for (Way way :
        List.of(
            new Way(
                Serialization.files(sha256),
                new TestRuns.Changes(blake3, null, 0),
                Serialization.files(blake3)),
            new Way(
                Serialization.files(sha256),
                new TestRuns.Changes(null, SerializationMethod.SHARDS, 4_096),
                Serialization.shards(sha256, 4_096)),
            new Way(
                Serialization.shards(HashAlgorithm.BLAKE2B, 1_000),
                new TestRuns.Changes(sha256, SerializationMethod.FILES, 0),
                Serialization.files(sha256)),
            new Way(
                Serialization.shards(sha256, 4_096),
                new TestRuns.Changes(null, SerializationMethod.SHARDS, 6_144),
                Serialization.shards(sha256, 6_144)))) {
      old.serialization = way.to();
      String wanted = old.sign(model).get(0).getRootDigest();
      old.serialization = way.from();
      old.sign(model);
      fresh.changes = way.changes();

      ModelResult result = fresh.resign(old, model).get(0);
      ModelResult verified = fresh.verify(model).get(0);

      assertThat(result.getOutcome()).as(result.getMessage()).isEqualTo(Outcome.SIGNED);
      assertThat(result.getRootDigest()).isEqualTo(wanted).isEqualTo(verified.getRootDigest());
      assertThat(result.getBytes()).isEqualTo(BYTES);
      assertThat(result.getHashType()).isEqualTo(way.to().hash().omsName());
      assertThat(result.getSerialization()).isEqualTo(way.to().method().omsName());
      assertThat(verified.getOutcome()).as(verified.getMessage()).isEqualTo(Outcome.VERIFIED);
      assertThat(manifest().serialization().ignorePaths()).contains("notes.txt", "model.sig");
    }
  }

  @Test
  void resign_ofATamperedModel_failsAsVerifyDoesAndLeavesTheBundle() throws Exception {
    old.serialization = Serialization.shards(HashAlgorithm.SHA256, 65_536);
    old.sign(model);
    byte[] before = Files.readAllBytes(bundle());
    byte[] content = content(3 * 65_536 + 5);
    content[65_536 + 17]++;
    Files.write(model.resolve("part/b.bin"), content);
    fresh.keepPrevious = folder.resolve("previous").toString();

    ModelResult same = fresh.resign(old, model).get(0);
    fresh.changes = new TestRuns.Changes(HashAlgorithm.BLAKE3, SerializationMethod.FILES, 0);
    ModelResult anew = fresh.resign(old, model).get(0);
    ModelResult verified = old.verify(model).get(0);

    for (ModelResult result : List.of(same, anew)) {
      assertThat(result.getOutcome()).isEqualTo(Outcome.FAILED);
      assertThat(result.getReason()).isEqualTo(verified.getReason());
      assertThat(result.getMessage()).isEqualTo(verified.getMessage());
      assertThat(result.getDifferences()).isEqualTo(verified.getDifferences());
      assertThat(result.getHashType()).isEqualTo("sha256");
      assertThat(result.getPreviousSigner()).isEmpty();
    }
    assertThat(verified.getDifferences())
        .extracting(Difference::getName)
        .containsExactly("part/b.bin:65536:131072");
    assertThat(bundle()).hasBinaryContent(before);
    assertThat(folder.resolve("previous")).doesNotExist();
  }

  @Test
  void resign_ofAnothersOrNoBundle_signsNothing() throws Exception {
    new TestRuns(Files.createDirectory(folder.resolve("other"))).sign(model);
    byte[] before = Files.readAllBytes(bundle());
    Path bare = Files.createDirectories(folder.resolve("models/bare"));
    Files.writeString(bare.resolve("a.bin"), "weights");

    List<ModelResult> results = fresh.resign(old, model, bare);

    assertThat(results)
        .extracting(ModelResult::getReason)
        .containsExactly(FailureReason.UNTRUSTED_SIGNER, FailureReason.UNSIGNED);
    assertThat(bundle()).hasBinaryContent(before);
    assertThat(bare.resolve("model.sig")).doesNotExist();
  }

  @Test
  void resign_keepingPreviousBundles_keepsEachOnceAndOverwritesNone() throws Exception {
    Path kept = folder.resolve("previous/bundles");
    fresh.keepPrevious = kept.toString();
    old.sign(model);
    byte[] first = Files.readAllBytes(bundle());

    ModelResult once = fresh.resign(old, model).get(0);
    Files.write(bundle(), first);
    ModelResult twice = fresh.resign(old, model).get(0);
    byte[] second = Files.readAllBytes(bundle());
    Path place = kept.resolve(Sha256.hex(second) + ".sig");
    Files.writeString(place, "something else");
    fresh.changes = new TestRuns.Changes(HashAlgorithm.BLAKE3, null, 0);
    ModelResult conflict = fresh.resign(fresh, model).get(0);

    assertThat(once.getOutcome()).as(once.getMessage()).isEqualTo(Outcome.SIGNED);
    assertThat(twice.getOutcome()).as(twice.getMessage()).isEqualTo(Outcome.SIGNED);
    assertThat(kept.resolve(Sha256.hex(first) + ".sig")).hasBinaryContent(first);
    assertThat(conflict.getReason()).isEqualTo(FailureReason.OUTPUT_NOT_WRITABLE);
    assertThat(conflict.getMessage()).contains("is not overwritten", "--keep-previous");
    assertThat(place).hasContent("something else");
    assertThat(bundle()).hasBinaryContent(second);
    assertThat(kept.toFile().list()).hasSize(2);
  }

  /** More digests than travel with one unit: they are folded. */
  @Test
  void resign_ofVeryManyShardsToFiles_verifiesAndReadsOnce() throws Exception {
    old.serialization = Serialization.shards(HashAlgorithm.SHA256, 10);
    old.sign(model);
    fresh.changes = new TestRuns.Changes(null, SerializationMethod.FILES, 0);

    ModelResult result = fresh.resign(old, model).get(0);

    assertThat(result.getOutcome()).as(result.getMessage()).isEqualTo(Outcome.SIGNED);
    assertThat(result.getBytes()).isEqualTo(BYTES);
    assertThat(fresh.verify(model).get(0).getOutcome()).isEqualTo(Outcome.VERIFIED);
  }

  /** The long interval has the job begin anew, without a checkpoint. */
  @ParameterizedTest
  @ValueSource(strings = {"300ms", "10min"})
  void resign_thatRestartsInTheMiddle_goesByTheBundlesThatItReplaced(String interval)
      throws Exception {
    Path early = folder.resolve("models/early");
    Path broken = folder.resolve("models/broken");
    write(early.resolve("weights"), 8 << 20);
    String breaking = "weights-" + interval + FaultyFileSystem.BROKEN_ONCE;
    write(broken.resolve(breaking), 4 * FaultyFileSystem.PIECE);
    List<ModelResult> signed = old.run(Operation.SIGN, old.plainEntries(early, broken));
    fresh.keepPrevious = folder.resolve("previous").toString();
    fresh.previous = old.ownTrust();
    fresh.changes = new TestRuns.Changes(HashAlgorithm.BLAKE3, null, 0);
    fresh.configuration.setString("execution.checkpointing.interval", interval);
    fresh.configuration.setString("restart-strategy.type", "fixed-delay");
    fresh.configuration.setString("restart-strategy.fixed-delay.attempts", "1");
    fresh.configuration.setString("restart-strategy.fixed-delay.delay", "100ms");

    boolean restored = interval.equals("300ms");
    String before = TestRuns.payload(TestRuns.bundleBeside(early));
    FaultyFileSystem.breakWhen(
        breaking,
        () ->
            restored
                ? fresh.hasCommitted(0)
                : !payload(TestRuns.bundleBeside(early)).equals(before));

    List<ModelResult> results = fresh.run(Operation.RESIGN, fresh.faultyEntries(early, broken));
    fresh.configuration.setString("execution.checkpointing.interval", "10s");
    List<ModelResult> verified = fresh.run(Operation.VERIFY, fresh.plainEntries(early, broken));

    assertThat(fresh.history()).isNotNull();
    assertThat(results).hasSize(2);
    assertThat(results)
        .allSatisfy(
            result ->
                assertThat(result.getOutcome()).as(result.getMessage()).isEqualTo(Outcome.SIGNED));
    assertThat(results.get(0).getPreviousSigner()).isEqualTo(signed.get(0).getSigner());
    assertThat(results.get(1).getPreviousSigner()).isEqualTo(signed.get(1).getSigner());
    assertThat(verified).extracting(ModelResult::getOutcome).containsOnly(Outcome.VERIFIED);
    assertThat(verified).extracting(ModelResult::getHashType).containsOnly("blake3");
    assertThat(folder.resolve("previous").toFile().list())
        .containsExactlyInAnyOrder(
            signed.get(0).getBundleSha256() + ".sig", signed.get(1).getBundleSha256() + ".sig");
    assertThat(folder.resolve("models").toFile().list())
        .as("no copy of a replaced bundle is left")
        .containsExactlyInAnyOrder("m", "early", "early.sig", "broken", "broken.sig");
  }

  private static String payload(Path bundle) {
    try {
      return TestRuns.payload(bundle);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, int length) throws Exception {
    Files.createDirectories(file.getParent());
    Files.write(file, content(length));
  }

  private Path bundle() {
    return model.resolve("model.sig");
  }

  private Manifest manifest() throws Exception {
    OmsBounds bounds = OmsBounds.defaults();
    Manifest manifest =
        Statement.read(
            BundleJson.read(Files.readAllBytes(bundle()), bounds).envelope().payload(), bounds);
    assertThat(manifest.resources()).extracting(Resource::path).doesNotContain("notes.txt");
    return manifest;
  }

  private static byte[] content(int length) {
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    return content;
  }
}
