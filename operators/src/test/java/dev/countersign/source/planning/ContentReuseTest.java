package dev.countersign.source.planning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.listings.SampleListings;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Serialization;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.FileListing;
import dev.countersign.schemas.ListedRange;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.RangeDigest;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.PlanFixture;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.units.ModelPlan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What planning and hashing make of {@link ContentReuse}. */
final class ContentReuseTest {

  /** When runs plan, after the files were written: nothing sets a file's change time back. */
  private static final Duration FIRST_RUN = Duration.ofSeconds(10);

  private static final Duration SECOND_RUN = Duration.ofSeconds(20);

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
  void plan_toSignAnUnchangedModel_readsNothingAndHasTheSameDigests() throws Exception {
    List<UnitRecord> first = record(FIRST_RUN);
    since(first);

    ModelPlan plan = fixture.plan(model);
    Files.delete(model.resolve("a"));
    Files.delete(model.resolve("b"));
    List<UnitRecord> second = fixture.hash(plan);

    assertThat(plan.bytes()).isZero();
    assertThat(plan.header().getReused()).isTrue();
    assertThat(plan.header().getWeakened()).containsExactly("since");
    assertThat(digests(second)).hasSize(2).isEqualTo(digests(first));
    assertThat(second).extracting(UnitRecord::getBytes).containsOnly(0L);
    assertThat(second).extracting(UnitRecord::getFiles).containsOnly(0L);
  }

  @Test
  void plan_ofShards_takesThemOverOneByOne() throws Exception {
    fixture.serialization = Serialization.shards(HashAlgorithm.BLAKE2B, 5);
    List<UnitRecord> first = record(FIRST_RUN);
    since(first);

    ModelPlan plan = fixture.plan(model);

    assertThat(plan.bytes()).isZero();
    assertThat(digests(fixture.hash(plan))).hasSize(6).isEqualTo(digests(first));
  }

  @Test
  void plan_afterOneFileChanged_readsThatFileOnly() throws Exception {
    since(record(FIRST_RUN));
    Files.writeString(model.resolve("b"), "CONTENT of b!");

    ModelPlan plan = fixture.plan(model);

    assertThat(unknown(plan)).containsExactly("b");
    assertThat(plan.bytes()).isEqualTo(13);
    assertThat(plan.header().getReused()).isTrue();
  }

  @Test
  void plan_afterAChangeWithSizeAndTimeSetBack_readsTheFile() throws Exception {
    since(record(FIRST_RUN));
    FileTime before = Files.getLastModifiedTime(model.resolve("b"));
    Files.writeString(model.resolve("b"), "CONTENT of b!");
    Files.setLastModifiedTime(model.resolve("b"), before);

    assertThat(unknown(fixture.plan(model))).containsExactly("b");
  }

  @Test
  void plan_ofAFileThatWasListedRightAfterItsChange_readsIt() throws Exception {
    since(record(Duration.ofSeconds(1)));

    ModelPlan plan = fixture.plan(model);

    assertThat(unknown(plan)).containsExactly("a", "b");
    assertThat(plan.header().getReused()).isFalse();
    assertThat(plan.header().getWeakened()).isEmpty();
  }

  @Test
  void plan_withAnotherOperationHashCutLinkRuleOrIgnoreSet_readsEverything() throws Exception {
    since(record(FIRST_RUN));

    assertThat(isReusedWith(changed -> {})).isTrue();

    assertThat(isReusedWith(changed -> changed.operation = Operation.DIGEST)).isFalse();
    assertThat(
            isReusedWith(
                changed -> changed.serialization = Serialization.files(HashAlgorithm.BLAKE3)))
        .isFalse();
    assertThat(
            isReusedWith(
                changed ->
                    changed.serialization = Serialization.shards(HashAlgorithm.SHA256, 1 << 20)))
        .isFalse();
    assertThat(
            isReusedWith(
                changed -> changed.serialization = changed.serialization.withAllowSymlinks(true)))
        .isFalse();
    assertThat(isReusedWith(changed -> changed.ignorePaths = List.of("other"))).isFalse();
    assertThat(isReusedWith(changed -> changed.ignoreGitPaths = false)).isFalse();
  }

  @Test
  void plan_toVerifyWithTheBundleOfOtherContent_findsTheDifferenceWithoutReading()
      throws Exception {
    fixture.sign(model);
    fixture.operation = Operation.VERIFY;
    List<UnitRecord> first = record(FIRST_RUN);
    first.get(0).getListed().get(0).setDigest(ByteBuffer.wrap(new byte[32]));
    since(first);

    List<UnitRecord> second = fixture.hash(fixture.plan(model));

    assertThat(second).singleElement();
    assertThat(second.get(0).getBytes()).isZero();
    assertThat(second.get(0).getDigests()).isEmpty();
    assertThat(second.get(0).getCounts().getChanged()).isEqualTo(1);
    Difference changed = second.get(0).getDifferences().get(0);
    assertThat(changed.getName()).isEqualTo("a");
    assertThat(changed.getActual()).isEqualTo("00".repeat(32));
  }

  @Test
  void plan_toVerify_recordsWhatWasReadNotWhatWasSigned() throws Exception {
    fixture.sign(model);
    Files.writeString(model.resolve("a"), "tampered");
    fixture.operation = Operation.VERIFY;
    List<UnitRecord> first = record(FIRST_RUN);
    since(first);

    List<UnitRecord> second = fixture.hash(fixture.plan(model));

    assertThat(first.get(0).getListed()).extracting(ListedRange::getName).containsExactly("a", "b");
    assertThat(first.get(0).getCounts().getChanged()).isEqualTo(1);
    assertThat(second.get(0).getBytes()).isZero();
    assertThat(second.get(0).getDifferences()).isEqualTo(first.get(0).getDifferences());
  }

  @Test
  void plan_inAChainOfRuns_keepsWhenTheBytesWereListedThatWereRead() throws Exception {
    List<UnitRecord> first = record(FIRST_RUN);
    since(first);
    Files.writeString(model.resolve("b"), "CONTENT of b!");

    List<UnitRecord> second = record(SECOND_RUN);

    ListedRange kept = second.get(0).getListed().get(0);
    ListedRange read = second.get(0).getListed().get(1);
    assertThat(kept).isEqualTo(first.get(0).getListed().get(0));
    assertThat(read.getName()).isEqualTo("b");
    assertThat(read.getListed()).isEqualTo(second.get(0).getHeader().getStarted());
    since(second);
    assertThat(unknown(fixture.plan(model))).isEmpty();
  }

  @Test
  void plan_withListingsThatContradictEachOther_readsTheFile() throws Exception {
    List<UnitRecord> one = record(FIRST_RUN);
    List<UnitRecord> other = record(FIRST_RUN);
    other.get(0).getListed().get(1).setDigest(ByteBuffer.wrap(new byte[32]));
    List<UnitRecord> both = new ArrayList<>(one);
    both.addAll(other);
    both.addAll(one);
    since(both);

    assertThat(unknown(fixture.plan(model))).containsExactly("b");
  }

  @Test
  void fingerprint_dependsOnWhatIsTakenOver() throws Exception {
    String without = fixture.plan(model).fingerprint();
    List<UnitRecord> first = record(FIRST_RUN);

    since(first);
    String with = fixture.plan(model).fingerprint();
    String again = fixture.plan(model).fingerprint();
    first.get(0).getListed().remove(0);
    since(first);
    String withLess = fixture.plan(model).fingerprint();

    assertThat(again).isEqualTo(with);
    assertThat(List.of(without, with, withLess)).doesNotHaveDuplicates();
  }

  @Test
  void plan_whenTheListingsAreGone_failsTheModelAndSaysWhy() throws Exception {
    since(record(FIRST_RUN));
    ModelPlanner planner =
        new ModelPlanner(fixture.settings(), fixture.window, fixture.clock).prepare();
    Files.delete(folder.resolve("listings-1.avro"));

    ModelPlan plan = planner.plan(fixture.entry(model), EarlierWork.NONE);

    assertThat(plan.verdict().getReason()).isEqualTo(FailureReason.UNREADABLE);
    assertThat(plan.verdict().getMessage())
        .contains("The listings of an earlier run cannot be read", "without 'since'");
  }

  /** Does a run under {@code --record-listings} so long after now. */
  private List<UnitRecord> record(Duration after) throws Exception {
    PlanSettings.Incremental before = fixture.incremental;
    fixture.incremental = new PlanSettings.Incremental(before.since(), true);
    fixture.clock = Clock.offset(Clock.systemUTC(), after);
    List<UnitRecord> records = fixture.hash(fixture.plan(model));
    fixture.incremental = before;
    return records;
  }

  /** Lets the next runs take over what {@code records} listed. */
  private void since(List<UnitRecord> records) throws Exception {
    List<FileListing> listings = new ArrayList<>();
    for (UnitRecord record : records) {
      ModelHeader header = record.getHeader();
      listings.add(
          FileListing.newBuilder()
              .setRunId("earlier")
              .setOperation(header.getOperation())
              .setModel(header.getModel())
              .setHashType(header.getHashType())
              .setMethod(header.getMethod())
              .setShardSize(header.getShardSize())
              .setAllowSymlinks(header.getAllowSymlinks())
              .setIgnoreSet(header.getIgnoreSet())
              .setPlanned(header.getStarted())
              .setRanges(record.getListed())
              .build());
    }
    fixture.incremental =
        new PlanSettings.Incremental(
            List.of(SampleListings.write(folder.resolve("listings-1.avro"), listings)), false);
    fixture.clock = Clock.offset(Clock.systemUTC(), SECOND_RUN);
  }

  private boolean isReusedWith(Consumer<PlanFixture> change) throws Exception {
    PlanFixture changed = new PlanFixture(folder);
    changed.incremental = fixture.incremental;
    changed.clock = fixture.clock;
    change.accept(changed);
    ModelPlan plan = changed.plan(model);
    assertThat(plan.verdict()).isNull();
    assertThat(plan.bytes() == 0).isEqualTo(plan.header().getReused());
    return plan.header().getReused();
  }

  private static List<RangeDigest> digests(List<UnitRecord> records) {
    return records.stream().flatMap(record -> record.getDigests().stream()).toList();
  }

  /** Names of what is read. */
  private static List<String> unknown(ModelPlan plan) {
    List<String> names = new ArrayList<>();
    for (WorkUnit unit : plan.units()) {
      for (UnitRange range : unit.getRanges()) {
        if (!range.getKnown().hasRemaining()) {
          names.add(range.getName());
        }
      }
    }
    return names;
  }
}
