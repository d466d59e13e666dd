package dev.countersign.source.planning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.oms.Digest;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.Sha256;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.Verdict;
import dev.countersign.source.PlanFixture;
import dev.countersign.source.TestFileSystem;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.ModelSplit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VerifyPlannerTest {

  @TempDir Path folder;

  private PlanFixture fixture;
  private Path model;

  @BeforeEach
  void makeModel() throws IOException {
    fixture = new PlanFixture(folder);
    fixture.operation = Operation.VERIFY;
    model = Files.createDirectories(folder.resolve("models/m"));
    Files.writeString(model.resolve("a"), "content of a");
    Files.writeString(model.resolve("b"), "content of b");
  }

  @Test
  void plan_ofASoundModel_comparesEveryFile() throws Exception {
    fixture.sign(model);

    ModelPlan plan = fixture.plan(model);

    assertThat(PlanFixture.names(plan)).containsExactly("a", "b");
    assertThat(PlanFixture.differences(plan)).isEmpty();
    assertThat(plan.header().getSigner()).hasSize(64);
    assertThat(plan.header().getSignatureMethod()).isEqualTo("key");
    assertThat(plan.header().getBundleSha256())
        .isEqualTo(Sha256.hex(Files.readAllBytes(model.resolve("model.sig"))));
    assertThat(changed(plan)).isEmpty();
  }

  @Test
  void plan_ofABundleThatBecameLongerSinceItWasFound_readsItOnceMore() throws Exception {
    fixture.sign(model);
    Path bundle = model.resolve("model.sig");
    byte[] whole = Files.readAllBytes(bundle);
    Files.write(bundle, Arrays.copyOf(whole, whole.length - 1));
    TestFileSystem.register();
    TestFileSystem.whenOpening(
        name -> {
          if (name.equals("model.sig")) {
            Files.write(bundle, whole);
          }
        });

    ModelPlan plan;
    try {
      plan =
          fixture.plan(
              CatalogEntry.builder(0, TestFileSystem.uri(model))
                  .name("m")
                  .bundle(TestFileSystem.uri(bundle))
                  .build(),
              EarlierWork.NONE);
    } finally {
      TestFileSystem.unregister();
    }

    assertThat(plan.verdict()).isNull();
    assertThat(plan.header().getBundleSha256()).isEqualTo(Sha256.hex(whole));
  }

  @Test
  void plan_ofATamperedModel_findsNamesAndHashingFindsContent() throws Exception {
    Files.writeString(model.resolve("c"), "content of c");
    fixture.sign(model);
    Files.writeString(model.resolve("a"), "tampered");
    Files.delete(model.resolve("b"));
    Files.writeString(model.resolve("new"), "new");

    ModelPlan plan = fixture.plan(model);

    assertThat(PlanFixture.differences(plan)).containsExactlyInAnyOrder("MISSING b", "EXTRA new");
    assertThat(PlanFixture.counts(plan)).containsExactly(1L, 1L, 0L);
    assertThat(changed(plan)).containsExactly("a");
  }

  @Test
  void plan_whenEveryFileIsGone_stillHasAUnit() throws Exception {
    fixture.sign(model);
    Files.delete(model.resolve("a"));
    Files.delete(model.resolve("b"));

    ModelPlan plan = fixture.plan(model);

    assertThat(plan.units()).hasSize(1);
    assertThat(PlanFixture.counts(plan)).containsExactly(2L, 0L, 0L);
  }

  @Test
  void plan_ofGrownAndShrunkFilesInShards_namesTheRanges() throws Exception {
    fixture.serialization = Serialization.shards(HashAlgorithm.SHA256, 5);
    fixture.sign(model);
    Files.writeString(model.resolve("a"), "content of a, and more");
    Files.writeString(model.resolve("b"), "conte");

    ModelPlan plan = fixture.plan(model);

    assertThat(PlanFixture.names(plan)).containsExactly("a:0:5", "a:5:10", "b:0:5");
    assertThat(PlanFixture.differences(plan))
        .containsExactlyInAnyOrder(
            "EXTRA a:10:15",
            "EXTRA a:15:20",
            "EXTRA a:20:22",
            "MISSING a:10:12",
            "MISSING b:5:10",
            "MISSING b:10:12");
    assertThat(plan.units().get(0).getDifferences())
        .extracting(Difference::getDetail)
        .contains("the file is 22 bytes long", "the file is 5 bytes long");
    assertThat(changed(plan)).isEmpty();
  }

  @Test
  void plan_ofGrownFilesInShards_isNotPassedByIgnoringUnsignedFiles() throws Exception {
    fixture.serialization = Serialization.shards(HashAlgorithm.SHA256, 6);
    fixture.sign(model);
    Files.writeString(model.resolve("a"), "content of a, and more");
    fixture.ignoreUnsigned = true;

    assertThat(PlanFixture.differences(fixture.plan(model)))
        .containsExactly("EXTRA a:12:18", "EXTRA a:18:22");
  }

  @Test
  void plan_withUnsignedFiles_passesThemOnlyWhenTold() throws Exception {
    fixture.sign(model);
    Files.writeString(model.resolve("extra"), "unsigned");
    Files.createSymbolicLink(model.resolve("link"), Path.of("a"));

    List<String> strict = PlanFixture.differences(fixture.plan(model));
    fixture.ignoreUnsigned = true;
    ModelPlan lenient = fixture.plan(model);

    assertThat(strict).containsExactly("EXTRA extra", "EXTRA link");
    assertThat(PlanFixture.differences(lenient)).isEmpty();
    assertThat(lenient.header().getWeakened()).containsExactly("ignore-unsigned-files");
  }

  @Test
  void plan_withEntriesThatAreNoFiles_reportsThemAsExtra() throws Exception {
    fixture.sign(model);
    assertThat(new ProcessBuilder("mkfifo", model.resolve("pipe").toString()).start().waitFor())
        .isZero();
    Files.createSymbolicLink(model.resolve("nowhere"), Path.of("absent"));

    ModelPlan plan = fixture.plan(model);

    assertThat(PlanFixture.differences(plan))
        .containsExactlyInAnyOrder("EXTRA nowhere", "EXTRA pipe");
    assertThat(plan.units().get(0).getDifferences())
        .extracting(Difference::getDetail)
        .anyMatch(detail -> detail.startsWith("a socket, pipe or device"));
  }

  @Test
  void plan_withASignedFileReplacedByALink_saysWhatIsThereInstead() throws Exception {
    fixture.sign(model);
    Files.delete(model.resolve("b"));
    Files.createSymbolicLink(model.resolve("b"), Path.of("a"));

    ModelPlan plan = fixture.plan(model);

    assertThat(PlanFixture.differences(plan)).containsExactly("MISSING b");
    assertThat(plan.units().get(0).getDifferences().get(0).getDetail())
        .startsWith("a symbolic link to a");
  }

  @Test
  void plan_withALinkedFolder_reportsItUnlessIgnored() throws Exception {
    fixture.serialization = fixture.serialization.withAllowSymlinks(true);
    fixture.sign(model);
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Files.createSymbolicLink(model.resolve("linked"), elsewhere);

    ModelPlan strict = fixture.plan(model);
    fixture.ignorePaths = List.of("linked");
    ModelPlan ignoring = fixture.plan(model);

    assertThat(PlanFixture.differences(strict)).containsExactly("EXTRA linked");
    assertThat(strict.units().get(0).getDifferences().get(0).getDetail())
        .startsWith("a symbolic link to ")
        .endsWith("a directory");
    assertThat(PlanFixture.differences(ignoring)).isEmpty();
    assertThat(ignoring.header().getWeakened()).containsExactly("ignore-paths");
  }

  @Test
  void plan_withLinksThatTheCallerAloneAllows_saysSo() throws Exception {
    fixture.sign(model);
    Files.move(model.resolve("b"), model.resolve("c"));
    Files.createSymbolicLink(model.resolve("b"), Path.of("c"));
    fixture.serialization = fixture.serialization.withAllowSymlinks(true);
    fixture.ignoreUnsigned = true;

    ModelPlan allowed = fixture.plan(model);
    fixture.sign(model);
    ModelPlan allowedByTheBundle = fixture.plan(model);

    assertThat(PlanFixture.names(allowed)).containsExactly("a", "b");
    assertThat(changed(allowed)).isEmpty();
    assertThat(allowed.header().getWeakened())
        .containsExactlyInAnyOrder("ignore-unsigned-files", "allow-symlinks");
    assertThat(allowedByTheBundle.header().getWeakened()).containsExactly("ignore-unsigned-files");
  }

  @Test
  void plan_withRootsForLinks_saysSoEvenIfTheBundleAllowsLinks() throws Exception {
    Path outside = Files.createDirectory(folder.resolve("blobs"));
    Files.writeString(outside.resolve("blob"), "elsewhere");
    Files.createSymbolicLink(model.resolve("link"), outside.resolve("blob"));
    fixture.serialization = fixture.serialization.withAllowSymlinks(true);
    fixture.symlinkRoots = List.of(outside.toString());
    fixture.sign(model);

    ModelPlan plan = fixture.plan(model);
    fixture.operation = Operation.SIGN;
    ModelPlan signing = fixture.plan(model);

    assertThat(PlanFixture.names(plan)).containsExactly("a", "b", "link");
    assertThat(changed(plan)).isEmpty();
    assertThat(plan.header().getWeakened()).containsExactly("symlink-root");
    assertThat(signing.header().getWeakened()).isEmpty();
  }

  @Test
  void plan_withPathsIgnoredWhenSigned_passesThem() throws Exception {
    Files.createDirectory(model.resolve("logs"));
    Files.writeString(model.resolve("logs/1"), "log");
    fixture.ignorePaths = List.of("logs");
    fixture.sign(model);
    fixture.ignorePaths = List.of();
    Files.writeString(model.resolve("logs/2"), "another");

    ModelPlan plan = fixture.plan(model);

    assertThat(PlanFixture.names(plan)).containsExactly("a", "b");
    assertThat(PlanFixture.differences(plan)).isEmpty();
    assertThat(plan.header().getWeakened()).isEmpty();
  }

  @Test
  void plan_withSignedPathsThatTheCallerIgnores_comparesNeither() throws Exception {
    Files.createDirectory(model.resolve("logs"));
    Files.writeString(model.resolve("logs/1"), "log");
    fixture.sign(model);
    Files.delete(model.resolve("logs/1"));
    Files.writeString(model.resolve("logs/2"), "unsigned");
    fixture.ignorePaths = List.of("logs");

    ModelPlan plan = fixture.plan(model);

    assertThat(PlanFixture.names(plan)).containsExactly("a", "b");
    assertThat(PlanFixture.differences(plan)).isEmpty();
  }

  @Test
  void plan_ofGitsFilesThatAreSignedAndIgnored_comparesThem() throws Exception {
    Path trees = Files.createDirectories(folder.resolve("git/m"));
    Files.createDirectory(trees.resolve(".git"));
    Files.writeString(trees.resolve(".git/HEAD"), "ref: refs/heads/main\n");
    Files.writeString(trees.resolve(".git/index"), "not signed");
    Digest head = Digest.of(Sha256.digest(Files.readAllBytes(trees.resolve(".git/HEAD"))));
    fixture.sign(
        trees,
        Manifest.sorted(
            "m",
            Serialization.files(HashAlgorithm.SHA256).withIgnorePaths(List.of(".git")),
            List.of(Resource.whole(".git/HEAD", head))));

    ModelPlan plan = fixture.plan(trees);
    List<String> changed = changed(plan);
    Files.delete(trees.resolve(".git/HEAD"));
    ModelPlan without = fixture.plan(trees);

    assertThat(PlanFixture.names(plan)).containsExactly(".git/HEAD");
    assertThat(PlanFixture.differences(plan)).isEmpty();
    assertThat(changed).isEmpty();
    assertThat(PlanFixture.differences(without)).containsExactly("MISSING .git/HEAD");
  }

  @Test
  void plan_withAHugeListOfIgnoredPaths_keepsUnitsSmall() throws Exception {
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      paths.add("ignored/" + "x".repeat(100) + i);
    }
    Digest digest = Digest.of(Sha256.digest(Files.readAllBytes(model.resolve("a"))));
    fixture.sign(
        model,
        Manifest.sorted(
            "m",
            Serialization.files(HashAlgorithm.SHA256).withIgnorePaths(paths),
            List.of(Resource.whole("a", digest), Resource.whole("b", digest))));

    ModelPlan plan = fixture.plan(model);

    assertThat(PlanFixture.names(plan)).containsExactly("a", "b");
    assertThat(plan.units()).hasSize(1);
    assertThat(new ModelSplit.Serializer().serialize(new ModelSplit(plan.units().get(0))))
        .hasSizeLessThan(10_000);
  }

  @Test
  void plan_withoutABundle_isUnsigned() throws Exception {
    Verdict verdict = fixture.verdict(model);

    assertThat(verdict.getReason()).isEqualTo(FailureReason.UNSIGNED);
    assertThat(verdict.getMessage()).contains("No bundle at " + model.resolve("model.sig"));
  }

  @Test
  void plan_withoutAModel_saysThatRatherThanUnsigned() throws Exception {
    assertThat(fixture.verdict(folder.resolve("absent")).getReason())
        .isEqualTo(FailureReason.MODEL_NOT_FOUND);
  }

  @Test
  void plan_withABundleOnAnotherStore_readsItThere() throws Exception {
    Path bundles = Files.createDirectory(folder.resolve("bundles"));
    fixture.bundle = bundles.resolve("m.sig").toString();
    fixture.sign(model);
    TestFileSystem.register();
    try {
      fixture.bundle = TestFileSystem.uri(bundles.resolve("m.sig"));

      ModelPlan plan = fixture.plan(model);

      assertThat(plan.verdict()).isNull();
      assertThat(PlanFixture.differences(plan)).isEmpty();
    } finally {
      TestFileSystem.unregister();
    }
  }

  @Test
  void plan_underABadSignature_listsNothing() throws Exception {
    fixture.sign(model);
    makeUnlistable();
    new PlanFixture(Files.createDirectory(folder.resolve("stranger"))).sign(model);

    Verdict untrusted = fixture.verdict(model);

    assertThat(untrusted.getReason()).isEqualTo(FailureReason.UNTRUSTED_SIGNER);
    assertThat(untrusted.getMessage()).startsWith(model.resolve("model.sig") + ": ");
  }

  @Test
  void plan_underADamagedBundle_listsNothing() throws Exception {
    fixture.sign(model);
    makeUnlistable();
    String bundle = Files.readString(model.resolve("model.sig"));
    int payload = bundle.indexOf("\"payload\":\"") + 11;

    Files.writeString(
        model.resolve("model.sig"),
        bundle.substring(0, payload) + "AAAA" + bundle.substring(payload + 4));
    Verdict tampered = fixture.verdict(model);
    Files.writeString(model.resolve("model.sig"), bundle.substring(0, 100));
    Verdict cut = fixture.verdict(model);

    assertThat(tampered.getReason()).isEqualTo(FailureReason.BAD_SIGNATURE);
    assertThat(cut.getReason()).isEqualTo(FailureReason.MALFORMED_BUNDLE);
    assertThat(cut.getMessage()).startsWith(model.resolve("model.sig") + ": ");
  }

  @Test
  void plan_beyondTheLimitOfFiles_isRefused() throws Exception {
    fixture.sign(model);
    makeUnlistable();

    assertThat(fixture.verdict(model).getReason()).isEqualTo(FailureReason.LIMIT_EXCEEDED);
  }

  /** From now on, listing the model fails with a reason of its own. */
  private void makeUnlistable() {
    fixture.maxFiles = 1;
  }

  /** Hashes the plan's units; the names of what does not hold. */
  private List<String> changed(ModelPlan plan) throws Exception {
    List<String> changed = new ArrayList<>();
    for (UnitRecord record : fixture.hash(plan)) {
      long planned = PlanFixture.counts(plan).get(2);
      assertThat(record.getCounts().getChanged()).isGreaterThanOrEqualTo(planned);
      record.getDifferences().stream()
          .filter(difference -> !difference.getActual().isEmpty())
          .forEach(difference -> changed.add(difference.getName()));
    }
    return changed;
  }
}
