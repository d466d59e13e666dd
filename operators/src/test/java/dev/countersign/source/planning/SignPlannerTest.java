package dev.countersign.source.planning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.ReplacedBundle;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.Serialization;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.Verdict;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.PlanFixture;
import dev.countersign.source.TestFileSystem;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.Storages;
import dev.countersign.storage.TemporaryNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SignPlannerTest {

  @TempDir Path folder;

  private PlanFixture fixture;
  private Path model;

  @BeforeEach
  void makeModel() throws IOException {
    fixture = new PlanFixture(folder);
    model = Files.createDirectories(folder.resolve("models/m"));
    Files.writeString(model.resolve("a"), "content of a");
    Files.writeString(model.resolve("b"), "content of b!");
  }

  @Test
  void plan_ofAFolder_readsEveryFileOnce() throws Exception {
    Files.createDirectory(model.resolve("sub"));
    Files.createFile(model.resolve("sub/.hidden"));

    ModelPlan plan = fixture.plan(model);

    assertThat(plan.verdict()).isNull();
    assertThat(PlanFixture.names(plan)).containsExactly("a", "b", "sub/.hidden");
    assertThat(plan.bytes()).isEqualTo(25);
    assertThat(plan.header().getSubject()).isEqualTo("m");
    assertThat(plan.header().getHashType()).isEqualTo("sha256");
    assertThat(plan.header().getMethod()).isEqualTo("files");
    assertThat(plan.units().get(0).getHeader().getIgnorePaths())
        .containsExactly(".git", ".gitattributes", ".github", ".gitignore", "model.sig");
    assertThat(plan.fingerprint()).matches("\\p{XDigit}{64}#\\p{XDigit}{64}");
  }

  @Test
  void plan_ofOneFile_namesItByItsBaseName() throws Exception {
    ModelPlan plan = fixture.plan(model.resolve("a"));

    assertThat(PlanFixture.names(plan)).containsExactly("a");
    assertThat(plan.header().getSubject()).isEqualTo("a");
    assertThat(plan.units().get(0).getHeader().getIgnorePaths()).doesNotContain("a.sig");
  }

  @Test
  void plan_twice_isTheSame() throws Exception {
    ModelPlan first = fixture.plan(model);
    ModelPlan second = fixture.plan(model);
    Files.writeString(model.resolve("b"), "content of c!");
    ModelPlan third = fixture.plan(model);

    assertThat(second.fingerprint()).isEqualTo(first.fingerprint());
    assertThat(PlanFixture.names(second)).isEqualTo(PlanFixture.names(first));
    assertThat(third.fingerprint()).isNotEqualTo(first.fingerprint());
  }

  @Test
  void plan_asShards_cutsFilesAndLeavesEmptyOnesOut() throws Exception {
    fixture.serialization = Serialization.shards(HashAlgorithm.BLAKE3, 5);
    Files.createFile(model.resolve("empty"));
    Files.writeString(model.resolve("exact"), "1234567890");

    ModelPlan plan = fixture.plan(model);

    assertThat(PlanFixture.names(plan))
        .containsExactly(
            "a:0:5", "a:5:10", "a:10:12", "b:0:5", "b:5:10", "b:10:13", "exact:0:5", "exact:5:10");
    assertThat(plan.header().getShardSize()).isEqualTo(5);
  }

  @Test
  void plan_asMoreShardsThanAllowed_isRefused() throws Exception {
    fixture.serialization = Serialization.shards(HashAlgorithm.SHA256, 1);
    OmsBounds all = OmsBounds.defaults();
    fixture.bounds =
        new OmsBounds(
            all.maxBundleBytes(), 24, all.maxDepth(), all.maxNameBytes(), all.maxCertificates());

    Verdict verdict = fixture.verdict(model);

    assertThat(verdict.getReason()).isEqualTo(FailureReason.LIMIT_EXCEEDED);
    assertThat(verdict.getMessage())
        .contains(model.toString(), "more than 24 shards of 1 bytes", "'shard-size'");
  }

  @Test
  void plan_ofNothing_saysSo() throws Exception {
    Verdict verdict = fixture.verdict(folder.resolve("absent"));

    assertThat(verdict.getOutcome()).isEqualTo(Outcome.FAILED);
    assertThat(verdict.getReason()).isEqualTo(FailureReason.MODEL_NOT_FOUND);
    assertThat(verdict.getMessage()).contains("No model at " + folder.resolve("absent"));
  }

  @Test
  void plan_ofAnEmptyFolder_isAFailure() throws Exception {
    Path empty = Files.createDirectories(folder.resolve("empty/with/folders")).getParent();

    Verdict verdict = fixture.verdict(empty);

    assertThat(verdict.getReason()).isEqualTo(FailureReason.EMPTY_MODEL);
    assertThat(verdict.getMessage()).contains("nothing to sign", "holds no file");
  }

  @Test
  void plan_ofEmptyFilesAsShards_saysWhyNothingIsLeft() throws Exception {
    fixture.serialization = Serialization.shards(HashAlgorithm.SHA256, 5);
    fixture.operation = Operation.DIGEST;
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Files.createFile(empty.resolve("nothing"));

    Verdict verdict = fixture.verdict(empty);

    assertThat(verdict.getReason()).isEqualTo(FailureReason.EMPTY_MODEL);
    assertThat(verdict.getMessage()).contains("nothing to digest", "all its files are empty");
  }

  @Test
  void plan_ofADigestWithoutABundle_isAsWithOne() throws Exception {
    fixture.operation = Operation.DIGEST;
    CatalogEntry entry = CatalogEntry.builder(0, model.toString()).name("model").build();

    ModelPlan plan = fixture.plan(entry, EarlierWork.NONE);

    assertThat(plan.verdict()).isNull();
    assertThat(plan.units())
        .extracting(WorkUnit::getRanges)
        .containsExactly(fixture.plan(model).units().get(0).getRanges());
  }

  @Test
  void plan_whenEverythingIsIgnored_isAFailure() throws Exception {
    fixture.ignorePaths = List.of(model.resolve("a").toString(), "b");
    Files.writeString(model.resolve(".gitignore"), "ignored by default");

    Verdict verdict = fixture.verdict(model);

    assertThat(verdict.getReason()).isEqualTo(FailureReason.EMPTY_MODEL);
    assertThat(verdict.getMessage()).contains("'ignore-paths'");
  }

  @Test
  void plan_withGitsFiles_signsThemOnlyWhenTold() throws Exception {
    Files.writeString(model.resolve(".gitignore"), "at the root");
    Files.createDirectory(model.resolve("sub"));
    Files.writeString(model.resolve("sub/.gitignore"), "an ordinary file");

    List<String> byDefault = PlanFixture.names(fixture.plan(model));
    fixture.ignoreGitPaths = false;
    List<String> told = PlanFixture.names(fixture.plan(model));

    assertThat(byDefault).containsExactly("a", "b", "sub/.gitignore");
    assertThat(told).containsExactly(".gitignore", "a", "b", "sub/.gitignore");
  }

  @Test
  void plan_withAPipe_refusesTheModel() throws Exception {
    makePipe(model.resolve("pipe"));

    Verdict verdict = fixture.verdict(model);

    assertThat(verdict.getReason()).isEqualTo(FailureReason.SPECIAL_FILE);
    assertThat(verdict.getMessage())
        .startsWith("pipe in " + model + " cannot be signed: a socket, pipe or device");
  }

  @Test
  void plan_withAnIgnoredPipe_signsTheRest() throws Exception {
    makePipe(model.resolve("pipe"));
    fixture.ignorePaths = List.of("pipe");

    assertThat(PlanFixture.names(fixture.plan(model))).containsExactly("a", "b");
  }

  @Test
  void plan_withALink_needsPermission() throws Exception {
    Files.createSymbolicLink(model.resolve("link"), Path.of("a"));

    Verdict refused = fixture.verdict(model);
    fixture.serialization = fixture.serialization.withAllowSymlinks(true);
    ModelPlan allowed = fixture.plan(model);

    assertThat(refused.getReason()).isEqualTo(FailureReason.SYMLINK_NOT_ALLOWED);
    assertThat(refused.getMessage()).contains("link in " + model, "'allow-symlinks'");
    assertThat(PlanFixture.names(allowed)).containsExactly("a", "b", "link");
    assertThat(allowed.header().getAllowSymlinks()).isTrue();
  }

  @Test
  void plan_withALinkThatLeadsOut_needsItsRoot() throws Exception {
    Path outside = Files.createDirectory(folder.resolve("blobs"));
    Files.writeString(outside.resolve("blob"), "elsewhere");
    Files.createSymbolicLink(model.resolve("link"), outside.resolve("blob"));
    fixture.serialization = fixture.serialization.withAllowSymlinks(true);

    Verdict refused = fixture.verdict(model);
    fixture.symlinkRoots = List.of(outside.toString());
    ModelPlan allowed = fixture.plan(model);

    assertThat(refused.getReason()).isEqualTo(FailureReason.SYMLINK_OUTSIDE_MODEL);
    assertThat(refused.getMessage()).contains("'symlink-root'");
    assertThat(PlanFixture.names(allowed)).containsExactly("a", "b", "link");
    assertThat(allowed.units().get(0).getSymlinkRoots()).containsExactly(outside.toString());
    assertThat(fixture.hash(allowed).get(0).getBytes()).isEqualTo(25 + 9);
  }

  @Test
  void plan_withBadLinks_namesTheFirstAndCountsTheRest() throws Exception {
    Files.createSymbolicLink(model.resolve("circle"), Path.of("circle"));
    Files.createSymbolicLink(model.resolve("nowhere"), Path.of("absent"));
    fixture.serialization = fixture.serialization.withAllowSymlinks(true);

    Verdict verdict = fixture.verdict(model);

    assertThat(verdict.getReason()).isEqualTo(FailureReason.SYMLINK_BROKEN);
    assertThat(verdict.getMessage())
        .contains("circle in " + model, "symbolic link to circle", "(and 1 more such entries)");
  }

  @Test
  void plan_withALinkToAFolder_isRefusedEvenIfLinksAreAllowed() throws Exception {
    Files.createDirectory(model.resolve("sub"));
    Files.createSymbolicLink(model.resolve("linked"), Path.of("sub"));
    fixture.serialization = fixture.serialization.withAllowSymlinks(true);

    Verdict verdict = fixture.verdict(model);

    assertThat(verdict.getReason()).isEqualTo(FailureReason.LINKED_DIRECTORY);
    assertThat(verdict.getMessage()).contains("linked in " + model, "copy the directory");
  }

  @Test
  void plan_beyondALimit_isRefused() throws Exception {
    fixture.maxFiles = 1;
    Verdict files = fixture.verdict(model);
    fixture.maxFiles = 10;
    fixture.maxFileBytes = 12;
    Verdict bytes = fixture.verdict(model);

    assertThat(files.getReason()).isEqualTo(FailureReason.LIMIT_EXCEEDED);
    assertThat(bytes.getReason()).isEqualTo(FailureReason.LIMIT_EXCEEDED);
    assertThat(bytes.getMessage()).contains("b");
  }

  @Test
  void plan_whereABundleIsThere_refusesUnlessTheRunWasBegunBefore() throws Exception {
    fixture.sign(model);
    fixture.existing = ExistingBundle.REFUSE;

    Verdict refused = fixture.verdict(model);
    Files.setLastModifiedTime(
        model.resolve("model.sig"), FileTime.from(Instant.now().plus(Duration.ofDays(1))));
    Verdict newer = fixture.verdict(model);
    ModelPlan possible = fixture.plan(model, EarlierWork.POSSIBLE);

    for (Verdict verdict : List.of(refused, newer)) {
      assertThat(verdict.getReason()).isEqualTo(FailureReason.BUNDLE_EXISTS);
      assertThat(verdict.getMessage()).contains(model.resolve("model.sig") + " already exists");
    }
    assertThat(possible.verdict()).isNull();
  }

  @Test
  void list_ofAModelThatIsReplacedMeanwhile_deletesNoCopiesInItsPlace() throws Exception {
    Path copy = Path.of(ReplacedBundle.of(model + "/model.sig", "earlier").uri());
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(copy, "a copy of the model's");
    Files.writeString(other.resolve(copy.getFileName()), "another's");

    ModelListing unused =
        ModelPlanner.listWithoutCopies(
            Storages.forUri(model.toString()),
            fixture.entry(model),
            fixture.settings(),
            false,
            name -> false,
            name -> {
              if (Files.exists(other)) {
                move(model, folder.resolve("away"));
                move(other, model);
              }
              return false;
            },
            name -> false);

    assertThat(copy).hasContent("another's");
  }

  @Test
  void plan_ofAModelWithCopiesOfReplacedBundles_neitherSignsNorKeepsThem() throws Exception {
    String bundle = model.resolve("model.sig").toString();
    Path own = Path.of(ReplacedBundle.of(bundle, "run").uri());
    Path others = Path.of(ReplacedBundle.of(bundle, "20260101-000000-0badcafe").uri());
    Files.writeString(own, "replaced by this run");
    Files.writeString(others, "replaced by another run");

    fixture.operation = Operation.DIGEST;
    ModelPlan digested = fixture.plan(model);
    assertThat(others).exists();
    fixture.operation = Operation.SIGN;
    ModelPlan signed = fixture.plan(model);

    assertThat(PlanFixture.names(digested)).containsExactly("a", "b");
    assertThat(PlanFixture.names(signed)).containsExactly("a", "b");
    assertThat(others).doesNotExist();
    assertThat(own).exists();
  }

  @ParameterizedTest
  @EnumSource(
      value = Operation.class,
      names = {"SIGN", "DIGEST", "VERIFY"})
  void plan_ofFoldersAndLinksNamedLikeTemporariesOrCopies_takesThem(Operation operation)
      throws Exception {
    String copy = ReplacedBundle.of(model + "/model.sig", "20260101-000000-0badcafe").uri();
    Path folder = Files.createDirectory(model.resolve(TemporaryNames.next()));
    Files.writeString(folder.resolve("c"), "content of c");
    Files.createSymbolicLink(Path.of(copy), Path.of("a"));
    fixture.serialization = fixture.serialization.withAllowSymlinks(true);
    fixture.sign(model);
    fixture.operation = operation;

    ModelPlan plan = fixture.plan(model);

    assertThat(PlanFixture.names(plan))
        .containsExactlyInAnyOrder(
            folder.getFileName() + "/c", Path.of(copy).getFileName().toString(), "a", "b");
    assertThat(PlanFixture.differences(plan)).isEmpty();
    assertThat(Path.of(copy)).isSymbolicLink();
  }

  @Test
  void plan_withABundleOnAnotherStore_looksThere() throws Exception {
    TestFileSystem.register();
    try {
      Path bundles = Files.createDirectory(folder.resolve("bundles"));
      Files.writeString(bundles.resolve("m.sig"), "there");
      fixture.bundle = TestFileSystem.uri(bundles.resolve("m.sig"));
      fixture.existing = ExistingBundle.REFUSE;

      Verdict verdict = fixture.verdict(model);

      assertThat(verdict.getReason()).isEqualTo(FailureReason.BUNDLE_EXISTS);
      assertThat(verdict.getMessage()).contains(fixture.bundle);
    } finally {
      TestFileSystem.unregister();
    }
  }

  @Test
  void plan_whereTheBundlesFolderIsMissing_signs() throws Exception {
    fixture.bundle = folder.resolve("not/yet/there/m.sig").toString();

    assertThat(fixture.plan(model).verdict()).isNull();
  }

  @Test
  void plan_withABundleBehindALinkBelowASignatureRoot_isAFailure() throws Exception {
    Path root = Files.createDirectory(folder.resolve("signatures"));
    Path team = Files.createDirectory(root.resolve("team"));
    fixture.signatureRoots = List.of(folder.toString(), root.toString());
    fixture.bundle = team.resolve("m.sig").toString();
    assertThat(fixture.plan(model).verdict()).isNull();

    Files.delete(team);
    Files.createSymbolicLink(team, Files.createDirectory(folder.resolve("victim")));

    assertThat(fixture.verdict(model).getReason()).isEqualTo(FailureReason.OUTPUT_NOT_WRITABLE);
  }

  @Test
  void plan_afterACrash_removesWhatWasHalfWritten() throws Exception {
    Path stale = Files.writeString(model.resolve(TemporaryNames.next()), "{\"half");
    Files.setLastModifiedTime(stale, FileTime.from(Instant.now().minus(Duration.ofHours(2))));

    ModelPlan plan = fixture.plan(model);

    assertThat(stale).doesNotExist();
    assertThat(PlanFixture.names(plan)).containsExactly("a", "b");
  }

  @Test
  void plan_whileAnotherWritesTheBundle_leavesItsTemporaryFileAndDoesNotSignIt() throws Exception {
    Path live = Files.writeString(model.resolve(TemporaryNames.next()), "{\"half");

    ModelPlan plan = fixture.plan(model);

    assertThat(live).exists();
    assertThat(PlanFixture.names(plan)).containsExactly("a", "b");
  }

  @ParameterizedTest
  @EnumSource(
      value = Operation.class,
      names = {"SIGN", "VERIFY", "DIGEST"})
  void plan_ofAGlobsMatchThatLeadsOutOfTheGlobsFolder_fails(Operation operation) throws Exception {
    fixture.operation = operation;
    fixture.sign(model);
    Path globbed = Files.createDirectories(folder.resolve("globbed"));
    Path link = Files.createSymbolicLink(globbed.resolve("x"), model);
    Path above = Files.createSymbolicLink(globbed.resolve("above"), model.getParent());
    Path itself = Files.createSymbolicLink(globbed.resolve("itself"), globbed);
    fixture.globRoot = globbed.toString();

    for (Path match : List.of(link, above.resolve("m"), itself)) {
      Verdict verdict = fixture.verdict(match);

      assertThat(verdict.getReason()).isEqualTo(FailureReason.SYMLINK_OUTSIDE_MODEL);
      assertThat(verdict.getMessage())
          .isEqualTo(
              "A glob matches "
                  + match
                  + ", which leads through a link to "
                  + match.toRealPath()
                  + ", outside "
                  + globbed
                  + ". Name the model itself, without a glob, or allow the folder that it leads"
                  + " into with 'allow-symlinks' 'symlink-root'.");
    }
    for (Path allowed : List.of(model.getParent(), model)) {
      fixture.symlinkRoots = List.of(allowed.toString());
      assertThat(PlanFixture.names(fixture.plan(link))).as("allowed").containsExactly("a", "b");
    }
    fixture.symlinkRoots = List.of();
    fixture.globRoot = "";
    assertThat(PlanFixture.names(fixture.plan(link))).as("named").containsExactly("a", "b");
  }

  @Test
  void plan_ofAGlobsMatchBelowALinkedFolder_isAsWithoutLinks() throws Exception {
    Path linked = Files.createSymbolicLink(folder.resolve("linked"), model.getParent());
    Files.createSymbolicLink(model.resolveSibling("latest"), Path.of("m"));
    fixture.globRoot = linked.toString();

    for (Path match : List.of(linked.resolve("m"), linked.resolve("latest"))) {
      assertThat(PlanFixture.names(fixture.plan(match))).containsExactly("a", "b");
    }
  }

  @Test
  void plan_toDigest_touchesNothing() throws Exception {
    fixture.operation = Operation.DIGEST;
    fixture.existing = ExistingBundle.REFUSE;
    Files.writeString(model.resolve("model.sig"), "whatever");
    Path stale = Files.writeString(folder.resolve(TemporaryNames.next()), "half");
    Files.setLastModifiedTime(stale, FileTime.from(Instant.now().minus(Duration.ofHours(2))));

    ModelPlan plan = fixture.plan(model);

    assertThat(PlanFixture.names(plan)).containsExactly("a", "b");
    assertThat(stale).exists();
  }

  private static void makePipe(Path path) throws Exception {
    assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor()).isZero();
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
