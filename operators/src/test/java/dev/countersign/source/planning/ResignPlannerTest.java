package dev.countersign.source.planning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.ReplacedBundle;
import dev.countersign.oms.Digest;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.RangeDigest;
import dev.countersign.schemas.StatementCut;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.source.OneRulePolicy;
import dev.countersign.source.PlanFixture;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.UnitCutter;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.storage.Storages;
import dev.countersign.verification.BundleVerifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResignPlannerTest {

  @TempDir Path folder;

  private PlanFixture old;
  private PlanFixture fresh;
  private Path model;
  private boolean signsUnsigned;
  private final OneRulePolicy policy = new OneRulePolicy();

  @BeforeEach
  void makeSigners() throws Exception {
    old = new PlanFixture(Files.createDirectory(folder.resolve("old")));
    fresh = new PlanFixture(Files.createDirectory(folder.resolve("fresh")));
    model = Files.createDirectory(folder.resolve("model"));
    Files.writeString(model.resolve("a.bin"), "alpha");
    Files.writeString(model.resolve("b.bin"), "beta and more");
    Files.writeString(model.resolve("notes.txt"), "left out");
    old.ignorePaths = List.of("notes.txt");
  }

  @Test
  void plan_ofAModelByATrustedSigner_expectsAndSignsTheSameDigests() throws Exception {
    old.sign(model);

    ModelPlan plan = plan(unchanged());

    List<UnitRecord> records = fresh.hash(plan);
    assertThat(PlanFixture.names(plan)).containsExactly("a.bin", "b.bin");
    assertThat(plan.units().get(0).getRanges())
        .allSatisfy(range -> assertThat(range.getExpected().remaining()).isEqualTo(32));
    assertThat(records.get(0).getDigests())
        .extracting(RangeDigest::getName)
        .containsExactly("a.bin", "b.bin");
    assertThat(records.get(0).getCounts().getChanged()).isZero();
    ModelHeader header = plan.units().get(0).getHeader();
    assertThat(header.getPreviousSigner()).hasSize(64).isEqualTo(header.getSigner());
    assertThat(header.getPolicyRule()).isEqualTo("rule of the test");
    assertThat(header.getPreviousCut()).isNull();
    assertThat(header.getIgnorePaths())
        .contains("notes.txt", "model.sig", ".git")
        .doesNotHaveDuplicates();
    assertThat(header.getWeakened()).isEmpty();
  }

  @Test
  void plan_ofManyUnits_carriesIgnoredPathsOnce() throws Exception {
    old.sign(model);
    fresh.window = new WindowSettings(10, 1 << 20, 1, 1, 10, 1 << 20);

    ModelPlan plan = plan(unchanged());

    assertThat(plan.units()).hasSizeGreaterThan(1);
    assertThat(plan.units().get(0).getHeader().getIgnorePaths()).contains("notes.txt");
    assertThat(plan.units().subList(1, plan.units().size()))
        .allSatisfy(unit -> assertThat(unit.getHeader().getIgnorePaths()).isEmpty());
    assertThat(plan.header().getIgnorePaths()).isEmpty();
  }

  @Test
  void plan_withMoreIgnoredPathsThanCarryOver_failsTheModel() throws Exception {
    List<String> many = new ArrayList<>();
    for (int i = 0; i < 4_000; i++) {
      many.add("folder-" + i + "/" + "x".repeat(100));
    }
    old.ignorePaths = many;
    old.sign(model);

    ModelPlan plan = plan(unchanged());

    assertThat(plan.verdict().getReason()).isEqualTo(FailureReason.LIMIT_EXCEEDED);
    assertThat(plan.verdict().getMessage()).contains("which is more than can carry over");
  }

  @Test
  void plan_withAnotherHashAndCut_readsEachFileOnceForBoth() throws Exception {
    old.sign(model);

    ModelPlan plan = plan(changes(HashAlgorithm.BLAKE3, SerializationMethod.SHARDS, 4, false));

    List<UnitRecord> records = fresh.hash(plan);
    ModelHeader header = plan.header();
    assertThat(header.getMethod()).isEqualTo("shards");
    assertThat(header.getHashType()).isEqualTo("blake3");
    assertThat(header.getShardSize()).isEqualTo(4);
    assertThat(header.getPreviousCut()).isEqualTo(new StatementCut("files", "sha256", 0L));
    assertThat(records.get(0).getBytes()).isEqualTo(5 + 13);
    assertThat(records.get(0).getDigests())
        .extracting(digest -> digest.getName() + ":" + digest.getStart() + ":" + digest.getEnd())
        .containsExactly(
            "a.bin:0:4", "a.bin:4:5", "b.bin:0:4", "b.bin:4:8", "b.bin:8:12", "b.bin:12:13");
    assertThat(records.get(0).getCounts().getChanged()).isZero();
  }

  @Test
  void plan_ofAModelWithOtherFiles_isAsWhenVerifying() throws Exception {
    old.sign(model);
    Files.delete(model.resolve("a.bin"));
    Files.writeString(model.resolve("c.bin"), "gamma");

    ModelPlan plan = plan(changes(HashAlgorithm.BLAKE3, null, 0, false));

    assertThat(PlanFixture.differences(plan))
        .containsExactlyInAnyOrder("MISSING a.bin", "EXTRA c.bin");
    assertThat(plan.header().getHashType()).isEqualTo("sha256");
    assertThat(plan.header().getPreviousCut()).isNull();
  }

  @Test
  void plan_fromShardsToFiles_callsEmptyFilesExtra() throws Exception {
    Files.createFile(model.resolve("empty"));
    old.serialization = Serialization.shards(HashAlgorithm.SHA256, 4);
    old.sign(model);

    ModelPlan toFiles = plan(changes(null, SerializationMethod.FILES, 0, false));
    ModelPlan same = plan(unchanged());

    assertThat(PlanFixture.differences(toFiles)).containsExactly("EXTRA empty");
    assertThat(PlanFixture.differences(same)).isEmpty();
  }

  @Test
  void plan_ofAModelByAnother_isRefused() throws Exception {
    PlanFixture other = new PlanFixture(Files.createDirectory(folder.resolve("other")));
    other.sign(model);

    ModelPlan plan = plan(unchanged());

    assertThat(plan.verdict().getReason()).isEqualTo(FailureReason.UNTRUSTED_SIGNER);
    assertThat(plan.header().getPreviousSigner()).isEmpty();
  }

  @Test
  void plan_ofAModelWithoutBundle_signsItWhereRuleAndCallerBothSaySo() throws Exception {
    signsUnsigned = true;
    policy.allowsFirstSignature = true;
    ModelPlan denied = plan(unchanged());
    policy.allowsUnsigned = true;
    ModelPlan signed = plan(unchanged());

    assertThat(denied.verdict().getReason()).isEqualTo(FailureReason.UNSIGNED);
    assertThat(PlanFixture.names(signed)).containsExactly("a.bin", "b.bin", "notes.txt");
    assertThat(signed.units().get(0).getRanges())
        .allSatisfy(range -> assertThat(range.getExpected().remaining()).isZero());
    assertThat(signed.header().getPolicyRule()).isEqualTo("rule of the test");
    assertThat(signed.header().getWeakened()).containsExactly("sign-unsigned");
  }

  @Test
  void plan_ofAModelWhoseBundleWasDeleted_signsNothing() throws Exception {
    old.sign(model);
    Files.delete(model.resolve("model.sig"));
    Files.writeString(model.resolve("a.bin"), "other");
    policy.allowsUnsigned = true;
    signsUnsigned = true;
    ModelPlan ruleSaysNothing = plan(unchanged());
    signsUnsigned = false;
    policy.allowsFirstSignature = true;
    ModelPlan callerSaysNothing = plan(unchanged());

    for (ModelPlan plan : List.of(ruleSaysNothing, callerSaysNothing)) {
      assertThat(plan.units()).isEmpty();
      assertThat(plan.verdict().getOutcome()).isEqualTo(Outcome.ALLOWED_UNSIGNED);
      assertThat(plan.verdict().getMessage())
          .isEqualTo(
              "No bundle at "
                  + model.resolve("model.sig")
                  + ", and the rule 'rule of the test' allows that. Nothing was verified or signed."
                  + " A first signature needs 'sign-unsigned: allow' in the rule and"
                  + " 'sign-unsigned'.");
      assertThat(plan.header().getWeakened()).isEmpty();
    }
  }

  @Test
  void plan_trustingPreviousDigests_readsNothingWhereTheRuleAllowsIt() throws Exception {
    old.sign(model);
    Files.writeString(model.resolve("a.bin"), "other");

    ModelPlan denied = plan(changes(null, null, 0, true));
    policy.allowsPreviousDigests = true;
    ModelPlan allowed = plan(changes(null, null, 0, true));
    Files.delete(model.resolve("b.bin"));
    ModelPlan missing = plan(changes(null, null, 0, true));

    UnitRecord record = fresh.hash(allowed).get(0);
    assertThat(denied.verdict().getReason()).isEqualTo(FailureReason.DENIED_BY_POLICY);
    assertThat(denied.verdict().getMessage()).contains("'rule of the test' does not allow");
    assertThat(record.getBytes()).isZero();
    assertThat(record.getDigests())
        .extracting(RangeDigest::getDigest)
        .isEqualTo(
            allowed.units().get(0).getRanges().stream().map(UnitRange::getExpected).toList());
    assertThat(allowed.header().getWeakened()).containsExactly("content not read");
    assertThat(PlanFixture.differences(missing)).containsExactly("MISSING b.bin");
  }

  @Test
  void plan_withRootsForLinks_saysSoWhereTheOldBundleFollowsLinks() throws Exception {
    Path outside = Files.createDirectory(folder.resolve("blobs"));
    Files.writeString(outside.resolve("blob"), "elsewhere");
    fresh.symlinkRoots = List.of(outside.toString());
    old.sign(model);
    ModelPlan without = plan(unchanged());
    Files.createSymbolicLink(model.resolve("c.bin"), outside.resolve("blob"));
    old.serialization = old.serialization.withAllowSymlinks(true);
    old.symlinkRoots = fresh.symlinkRoots;
    old.sign(model);

    ModelPlan plan = plan(unchanged());

    assertThat(PlanFixture.names(plan)).containsExactly("a.bin", "b.bin", "c.bin");
    assertThat(plan.header().getWeakened()).containsExactly("symlink-root");
    assertThat(without.header().getWeakened()).isEmpty();
  }

  @Test
  void plan_trustingPreviousDigestsOfShards_seesAFileOfAnotherSize() throws Exception {
    policy.allowsPreviousDigests = true;
    old.serialization = Serialization.shards(HashAlgorithm.SHA256, 4);
    old.sign(model);
    Files.writeString(model.resolve("a.bin"), "other");
    ModelPlan sameSize = plan(changes(null, null, 0, true));
    Files.writeString(model.resolve("a.bin"), "longer");
    ModelPlan longer = plan(changes(null, null, 0, true));
    Files.writeString(model.resolve("a.bin"), "less");
    ModelPlan shorter = plan(changes(null, null, 0, true));

    assertThat(PlanFixture.differences(sameSize)).isEmpty();
    assertThat(PlanFixture.differences(longer))
        .containsExactly("EXTRA a.bin:4:6", "MISSING a.bin:4:5");
    assertThat(PlanFixture.counts(longer)).containsExactly(1L, 1L, 0L);
    assertThat(PlanFixture.differences(shorter)).containsExactly("MISSING a.bin:4:5");
    assertThat(fresh.hash(longer).get(0).getBytes()).isZero();
  }

  @Test
  void plan_ofANewerBundleByThisRunsSigner_isJudgedByThePolicy() throws Exception {
    fresh.sign(model);
    Files.setLastModifiedTime(
        model.resolve("model.sig"), FileTime.from(Instant.now().plusSeconds(3_600)));

    ModelPlan plan = plan(unchanged());

    assertThat(plan.verdict().getReason()).isEqualTo(FailureReason.UNTRUSTED_SIGNER);
    assertThat(plan.header().getPreviousSigner()).isEmpty();
  }

  @Test
  void plan_whereThisRunReplacedTheBundle_isThatOfBefore() throws Exception {
    old.sign(model);
    ModelPlan before = plan(unchanged());
    Files.copy(model.resolve("model.sig"), copy("run"));
    ModelPlan notReplacedYet = plan(unchanged());
    fresh.sign(model);
    ModelPlan replaced = plan(unchanged());
    Files.delete(model.resolve("model.sig"));
    ModelPlan deleted = plan(unchanged());

    assertThat(PlanFixture.names(before)).containsExactly("a.bin", "b.bin");
    for (ModelPlan after : List.of(notReplacedYet, replaced, deleted)) {
      assertThat(after.verdict()).isNull();
      assertThat(after.fingerprint()).isEqualTo(before.fingerprint());
      assertThat(after.header().getPreviousSigner())
          .isNotEmpty()
          .isEqualTo(before.header().getPreviousSigner());
      assertThat(after.units().get(0).getRanges()).isEqualTo(before.units().get(0).getRanges());
    }
  }

  @Test
  void plan_whereThisRunReplacedTheBundle_isNotSkipped() throws Exception {
    old.sign(model);
    Files.move(model.resolve("model.sig"), copy("run"));
    fresh.ignorePaths = List.of("notes.txt");
    fresh.sign(model);
    fresh.ignorePaths = List.of();
    makeOlder("a.bin", "b.bin");
    fresh.existing = ExistingBundle.SKIP_IF_SIGNED;

    assertThat(plan(unchanged()).verdict()).isNull();
  }

  @Test
  void plan_whereACopyWasPlanted_isJudgedByThePolicy() throws Exception {
    old.sign(model);
    PlanFixture other = new PlanFixture(Files.createDirectory(folder.resolve("other")));
    byte[] accepted = Files.readAllBytes(model.resolve("model.sig"));
    other.sign(model);
    Files.move(model.resolve("model.sig"), copy("run"));
    Files.write(model.resolve("model.sig"), accepted);
    ModelPlan byAnother = plan(unchanged());
    Files.writeString(copy("run"), "no bundle");
    ModelPlan malformed = plan(unchanged());
    Files.writeString(copy("run"), "");
    ModelPlan asIfDeleted = plan(unchanged());
    policy.allowsUnsigned = true;
    ModelPlan allowed = plan(unchanged());
    policy.allowsFirstSignature = true;
    signsUnsigned = true;
    ModelPlan firstSignature = plan(unchanged());

    assertThat(byAnother.verdict().getReason()).isEqualTo(FailureReason.UNTRUSTED_SIGNER);
    assertThat(byAnother.verdict().getMessage()).startsWith(copy("run") + ": ");
    assertThat(malformed.verdict().getReason()).isEqualTo(FailureReason.MALFORMED_BUNDLE);
    assertThat(asIfDeleted.verdict().getReason()).isEqualTo(FailureReason.UNSIGNED);
    assertThat(allowed.verdict().getOutcome()).isEqualTo(Outcome.ALLOWED_UNSIGNED);
    assertThat(firstSignature.verdict()).isNull();
    assertThat(firstSignature.header().getWeakened()).containsExactly("sign-unsigned");
  }

  @Test
  void plan_whereAnotherRunLeftACopy_goesByTheBundleInPlaceAndDeletesTheCopy() throws Exception {
    old.sign(model);
    Files.writeString(copy("another-run"), "left behind");

    ModelPlan plan = plan(unchanged());

    assertThat(PlanFixture.names(plan)).containsExactly("a.bin", "b.bin");
    assertThat(PlanFixture.differences(plan)).isEmpty();
    assertThat(copy("another-run")).doesNotExist();
  }

  @Test
  void plan_whereTheOldBundleListsACopy_leavesIt() throws Exception {
    String listed = Files.writeString(copy("another-run"), "x").getFileName().toString();
    Resource resource = Resource.whole(listed, Digest.of(new byte[32]));
    List<String> ignored = List.of("notes.txt", "a.bin", "b.bin");
    old.sign(
        model,
        Manifest.sorted("model", old.serialization.withIgnorePaths(ignored), List.of(resource)));

    ModelPlan plan = plan(unchanged());

    assertThat(PlanFixture.names(plan)).containsExactly(listed);
    assertThat(PlanFixture.differences(plan)).isEmpty();
    assertThat(copy("another-run")).exists();
  }

  private Path copy(String runId) {
    return Path.of(ReplacedBundle.of(model.resolve("model.sig").toString(), runId).uri());
  }

  @Test
  void plan_skippingWhatIsSigned_looksAtTheSignerAndNotAtThePolicy() throws Exception {
    fresh.ignorePaths = List.of("notes.txt");
    fresh.sign(model);
    fresh.existing = ExistingBundle.SKIP_IF_SIGNED;
    fresh.ignorePaths = List.of();

    ModelPlan newer = plan(unchanged());
    for (String file : List.of("a.bin", "b.bin")) {
      Files.setLastModifiedTime(
          model.resolve(file), FileTime.from(Instant.parse("2024-01-01T00:00:00Z")));
    }
    makeOlder("a.bin", "b.bin");
    ModelPlan skipped = plan(unchanged());
    ModelPlan converted = plan(changes(HashAlgorithm.BLAKE3, null, 0, false));

    assertThat(newer.verdict().getReason())
        .isIn(FailureReason.UNTRUSTED_SIGNER, FailureReason.NONE);
    assertThat(skipped.verdict().getOutcome()).isEqualTo(Outcome.SKIPPED);
    assertThat(converted.verdict().getReason()).isEqualTo(FailureReason.UNTRUSTED_SIGNER);
  }

  @Test
  void plan_skippingWhatIsSignedAfterARestore_readsTheContent() throws Exception {
    fresh.sign(model);
    makeOlder("a.bin", "b.bin", "notes.txt");
    fresh.existing = ExistingBundle.SKIP_IF_SIGNED;

    ModelPlan plan = plan(unchanged(), EarlierWork.POSSIBLE);
    Files.writeString(model.resolve("a.bin"), "other");
    makeOlder("a.bin", "b.bin", "notes.txt");
    List<UnitRecord> changed = fresh.hash(plan(unchanged(), EarlierWork.POSSIBLE));

    assertThat(PlanFixture.names(plan)).containsExactly("a.bin", "b.bin", "notes.txt");
    ModelHeader header = plan.units().get(0).getHeader();
    assertThat(header.getPreviousSigner()).hasSize(64).isEqualTo(header.getSigner());
    assertThat(changed.get(0).getCounts().getChanged()).isOne();
  }

  /** Otherwise a restore would fail the model, as if it had changed. */
  @Test
  void plan_trustingPreviousDigestsAfterARestore_isThatOfBefore() throws Exception {
    fresh.sign(model);
    old = fresh;
    fresh.existing = ExistingBundle.SKIP_IF_SIGNED;
    Files.setLastModifiedTime(model.resolve("a.bin"), FileTime.from(Instant.now().plusSeconds(60)));
    policy.allowsPreviousDigests = true;

    ModelPlan before = plan(changes(null, null, 0, true));
    ModelPlan after = plan(changes(null, null, 0, true), EarlierWork.POSSIBLE);
    policy.allowsPreviousDigests = false;
    ModelPlan read = plan(changes(null, null, 0, true), EarlierWork.POSSIBLE);

    assertThat(before.header().getContentTrusted()).isTrue();
    assertThat(after.header().getContentTrusted()).isTrue();
    assertThat(after.fingerprint()).isEqualTo(before.fingerprint());
    assertThat(after.header().getWeakened()).containsExactly("content not read");
    assertThat(read.verdict()).isNull();
    assertThat(read.header().getContentTrusted()).isFalse();
    assertThat(read.fingerprint()).as("of other units").isNotEqualTo(before.fingerprint());
  }

  /** Change time counts too, and cannot be set: so the bundle is made newer. */
  private void makeOlder(String... files) throws Exception {
    assertThat(files).isNotEmpty();
    Files.setLastModifiedTime(
        model.resolve("model.sig"), FileTime.from(Instant.now().plusSeconds(60)));
  }

  private ResignSettings unchanged() {
    return changes(null, null, 0, false);
  }

  private ResignSettings changes(
      HashAlgorithm hash, SerializationMethod method, long shardSize, boolean trusts) {
    return new ResignSettings(fresh.trusted, hash, method, shardSize, trusts, signsUnsigned);
  }

  /** A plan under a policy that accepts the old signer. */
  private ModelPlan plan(ResignSettings changes) throws Exception {
    return plan(changes, EarlierWork.NONE);
  }

  private ModelPlan plan(ResignSettings changes, EarlierWork earlier) throws Exception {
    fresh.operation = Operation.RESIGN;
    fresh.resigning = changes;
    PlanSettings settings = fresh.settings();
    policy.accepted = verifier(old);
    UnitCutter cutter = new UnitCutter(fresh.window, settings.folders().symlinkRoots());
    ContentReuse reuse = new ContentReuse(PlanSettings.Incremental.NONE);
    ResignPlanner planner =
        new ResignPlanner(
            settings,
            changes,
            fresh.window,
            cutter,
            policy,
            verifier(fresh),
            new VerifyPlanner(settings, cutter, reuse, policy),
            new SignPlanner(settings, cutter, reuse, null));
    EntryPlanning planning = new EntryPlanning(settings, fresh.entry(model), 0);
    planning.found(header -> header.setSubject("model"));
    fresh.operation = Operation.SIGN;
    try {
      return planner.plan(planning, Storages.forUri(model.toString()), earlier);
    } catch (ModelFailure e) {
      return planning.failed(e);
    }
  }

  private static BundleVerifier verifier(PlanFixture fixture) throws Exception {
    return BundleVerifier.of(fixture.trusted, fixture.bounds, Clock.systemUTC());
  }
}
