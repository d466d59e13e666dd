package dev.countersign.source.units;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCause;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.ledger.Plans;
import dev.countersign.storage.BlockHosts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class UnitCutterTest {

  private static final DifferenceCounts NONE = new DifferenceCounts(0L, 0L, 0L, 0L);

  @Test
  void cut_ofSmallFiles_packsThemInOrderUpToTheBytes() {
    UnitCutter.Cut cut =
        cut(settings(100, 10, 1 << 20), range("a", 60), range("b", 40), range("c", 1));

    assertThat(names(cut)).containsExactly(List.of("a", "b"), List.of("c"));
    assertThat(cut.bytes()).isEqualTo(101);
  }

  @Test
  void cut_ofManyFiles_packsNoMoreThanTheRanges() {
    UnitCutter.Cut cut =
        cut(settings(100, 2, 1 << 20), range("a", 0), range("b", 0), range("c", 0), range("d", 0));

    assertThat(names(cut)).containsExactly(List.of("a", "b"), List.of("c", "d"));
  }

  @Test
  void cut_inARemoteStore_packsNoMoreThan64FilesToRead() {
    ModelHeader header = Plans.header(0);
    header.setModel("hdfs://lake/model");
    List<UnitRange> ranges = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      ranges.add(range("file" + i, 1));
      if (i >= 150) {
        ranges.get(i).setKnown(ByteBuffer.allocate(32));
      }
    }

    List<Integer> read =
        new UnitCutter(settings(1 << 20, 4_096, 1 << 20), List.of())
            .cut(header, ranges, List.of(), NONE).units().stream()
                .map(unit -> unit.getRanges().size())
                .toList();

    assertThat(read).containsExactly(64, 64, 72);
  }

  @Test
  void cut_ofFilesOnSomeMachines_saysWhichHoldHalfOfAUnit() {
    Map<String, BlockHosts> hosts =
        Map.of(
            "a", new BlockHosts(List.of(0L), List.of(List.of("one", "two"))),
            "b", new BlockHosts(List.of(0L), List.of(List.of("three"))),
            "large",
                new BlockHosts(
                    List.of(0L, 64L, 128L),
                    List.of(List.of("one", "two"), List.of("one"), List.of("three"))));

    UnitCutter.Cut cut =
        new UnitCutter(settings(100, 10, 1 << 20), List.of())
            .cut(
                Plans.header(0),
                List.of(range("a", 50), range("b", 49), range("large", 150), range("c", 9)),
                List.of(),
                NONE,
                name -> hosts.getOrDefault(name, BlockHosts.NONE));

    assertThat(names(cut)).containsExactly(List.of("large"), List.of("a", "b"), List.of("c"));
    assertThat(cut.hosts())
        .satisfiesExactly(
            large -> assertThat(large).containsExactly("one"),
            packed -> assertThat(packed).containsExactlyInAnyOrder("one", "two"),
            unknown -> assertThat(unknown).isEmpty());
  }

  @Test
  void count_ofAPartOfAFile_countsItsBlocksAlone() {
    Map<String, Long> held = new HashMap<>();

    new BlockHosts(List.of(0L, 64L), List.of(List.of("one"), List.of("two"))).count(60, 70, held);

    assertThat(held).containsExactlyInAnyOrderEntriesOf(Map.of("one", 4L, "two", 6L));
  }

  @Test
  void cut_ofALargeFile_putsItAloneAndGoesOnPacking() {
    UnitCutter.Cut cut =
        cut(settings(100, 10, 1 << 20), range("a", 1), range("large", 100), range("b", 1));

    assertThat(names(cut)).containsExactly(List.of("large"), List.of("a", "b"));
  }

  @Test
  void cut_ofALargeFileWhoseDigestIsKnown_packsItLikeAnEmptyOne() {
    UnitRange known = range("known", 1_000);
    known.setKnown(ByteBuffer.allocate(32));

    UnitCutter.Cut cut = cut(settings(100, 10, 1 << 20), range("a", 60), known, range("b", 40));

    assertThat(names(cut)).containsExactly(List.of("a", "known", "b"));
    assertThat(cut.bytes()).isEqualTo(100);
  }

  @Test
  void cut_ofShards_countsTheirBytesAndNotTheFiles() {
    UnitRange first = range("file", 1_000);
    first.setEnd(60L);
    UnitRange second = range("file", 1_000);
    second.setStart(60L);
    second.setEnd(120L);

    UnitCutter.Cut cut = cut(settings(100, 10, 1 << 20), first, second);

    assertThat(cut.units()).hasSize(2);
    assertThat(cut.bytes()).isEqualTo(120);
  }

  @Test
  void cut_ofFilesAndShards_knowsTheLargestFileThatOneUnitReads() {
    UnitRange shard = range("large", 10_000);
    shard.setEnd(5_000L);
    UnitRange known = range("known", 700);
    known.setKnown(ByteBuffer.allocate(32));
    ModelHeader blake3 = Plans.header(0);
    blake3.setHashType("blake3");
    List<UnitRange> ranges = List.of(range("a", 600), shard, known, range("b", 5_000));

    assertThat(cut(settings(100, 10, 1 << 20), shard, known, range("a", 600)).largestFile())
        .isEqualTo(600);
    assertThat(
            new UnitCutter(settings(100, 10, 1 << 20), List.of())
                .cut(blake3, ranges, List.of(), NONE)
                .largestFile())
        .as("the other one is cut")
        .isEqualTo(600);
  }

  @Test
  void cut_ofAModelWhoseContentIsTrusted_readsNoFile() {
    ModelHeader unread = Plans.header(0);
    unread.setContentTrusted(true);

    assertThat(cut(unread, settings(100, 10, 1 << 20), List.of(range("a", 600))).largestFile())
        .isZero();
  }

  /** Units 2 of both have other files, so one must not stand for the other. */
  @Test
  void fingerprint_ofAListingThatIsCutIntoAsManyOtherUnits_isAnother() {
    List<UnitRange> ranges =
        List.of(range("a", 3_000), range("f1", 90), range("f2", 10), range("f3", 90));
    ModelHeader blake3 = Plans.header(0);
    blake3.setHashType("blake3");

    UnitCutter.Cut whole = cut(blake3, settings(3_000, 2, 1 << 20), ranges);
    UnitCutter.Cut subtrees = cut(blake3, settings(2_048, 3, 1 << 20), ranges);

    assertThat(names(whole)).containsExactly(List.of("a"), List.of("f1", "f2"), List.of("f3"));
    assertThat(names(subtrees))
        .containsExactly(List.of("a"), List.of("a", "f1", "f2"), List.of("f3"));
    assertThat(subtrees.fingerprint()).isNotEqualTo(whole.fingerprint());
    assertThat(subtrees.fingerprint())
        .isEqualTo(cut(blake3, settings(2_048, 3, 1 << 20), ranges).fingerprint());
  }

  @Test
  void fingerprint_dependsOnWhatEachUnitIsOf() {
    UnitRange shard = range("a", 100);
    shard.setEnd(50L);
    UnitRange later = range("a", 100);
    later.setStart(1L);
    UnitRange subtree = range("a", 100);
    subtree.setSubtree(true);
    Difference missing =
        new Difference(DifferenceKind.MISSING, "b", "", "", "", DifferenceCause.NONE);
    ModelHeader header = Plans.header(0);
    WindowSettings settings = settings(1_000, 2, 1 << 20);
    List<UnitRange> three = List.of(range("a", 1), range("b", 1), range("c", 1));

    List<String> fingerprints = new ArrayList<>();
    for (UnitRange range : List.of(range("a", 100), range("b", 100), shard, later, subtree)) {
      fingerprints.add(cut(header, settings, List.of(range)).fingerprint());
    }
    fingerprints.add(
        new UnitCutter(settings, List.of())
            .cut(header, List.of(range("a", 100)), List.of(missing), NONE)
            .fingerprint());
    fingerprints.add(cut(header, settings, three).fingerprint());
    fingerprints.add(cut(header, settings(1_000, 1, 1 << 20), three).fingerprint());
    fingerprints.add(cut(header, settings(1_000, 3, 1 << 20), three).fingerprint());

    assertThat(fingerprints).doesNotHaveDuplicates();
  }

  @Test
  void cut_ofLongNames_keepsEachUnitWithinItsSerializedSize() throws IOException {
    List<UnitRange> ranges = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      ranges.add(range("\u6a21".repeat(1_300) + i, 0));
    }
    int limit = 64 << 10;

    UnitCutter.Cut cut = cut(settings(1 << 20, 4_096, limit), ranges.toArray(new UnitRange[0]));

    assertThat(cut.units()).hasSizeGreaterThan(20);
    long sum = 0;
    for (WorkUnit unit : cut.units()) {
      int size = new ModelSplit.Serializer().serialize(new ModelSplit(unit)).length;
      assertThat(size).isLessThanOrEqualTo(limit);
      sum += size;
    }
    assertThat(cut.weight()).isGreaterThanOrEqualTo(sum);
    assertThat(names(cut).stream().mapToInt(List::size).sum()).isEqualTo(500);
  }

  @Test
  void cut_twice_givesTheSameUnits() {
    WindowSettings settings = settings(100, 3, 4_096);
    UnitRange[] ranges = new UnitRange[50];
    for (int i = 0; i < ranges.length; i++) {
      ranges[i] = range("file" + i, (i * 37) % 120);
    }

    assertThat(cut(settings, ranges)).isEqualTo(cut(settings, ranges));
  }

  @Test
  void cut_numbersUnitsAndGivesThemTheirCount() {
    UnitCutter.Cut cut = cut(settings(1, 10, 1 << 20), range("a", 5), range("b", 6), range("c", 0));

    assertThat(cut.units()).extracting(WorkUnit::getUnit).containsExactly(0, 1, 2);
    assertThat(cut.units()).extracting(WorkUnit::getUnitCount).containsOnly(3);
  }

  @Test
  void cut_ofNothing_stillGivesAUnit() {
    UnitCutter.Cut cut = cut(settings(100, 10, 1 << 20));

    assertThat(cut.units()).hasSize(1);
    assertThat(cut.units().get(0).getRanges()).isEmpty();
    assertThat(cut.units().get(0).getUnitCount()).isEqualTo(1);
    assertThat(cut.units().get(0).getCounts()).isEqualTo(NONE);
  }

  @Test
  void cut_withDifferences_carriesAllOfThemAndTheCountsOnce() throws IOException {
    List<Difference> differences = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      differences.add(
          new Difference(
              DifferenceKind.MISSING,
              "gone" + i,
              "0".repeat(64),
              "",
              "a detail",
              DifferenceCause.NONE));
    }
    DifferenceCounts counts = new DifferenceCounts(300L, 7L, 0L, 2L);

    UnitCutter.Cut cut =
        new UnitCutter(settings(100, 10, 8_192), List.of())
            .cut(Plans.header(0), List.of(range("a", 200)), differences, counts);

    List<Difference> carried = new ArrayList<>();
    for (WorkUnit unit : cut.units()) {
      carried.addAll(unit.getDifferences());
      assertThat(new ModelSplit.Serializer().serialize(new ModelSplit(unit)))
          .hasSizeLessThanOrEqualTo(8_192);
    }
    assertThat(carried).isEqualTo(differences);
    assertThat(cut.units().get(0).getCounts()).isEqualTo(counts);
    assertThat(cut.units().subList(1, cut.units().size()))
        .extracting(WorkUnit::getCounts)
        .containsOnlyNulls();
  }

  @Test
  void cut_givesEveryUnitTheHeaderAndTheSymlinkRoots() {
    ModelHeader header = Plans.header(5);
    header.setAllowSymlinks(true);

    UnitCutter.Cut cut =
        new UnitCutter(settings(1, 10, 1 << 20), List.of("/blobs"))
            .cut(header, List.of(range("a", 5), range("b", 6)), List.of(), NONE);

    assertThat(cut.units()).extracting(WorkUnit::getHeader).containsOnly(header);
    assertThat(cut.units()).extracting(WorkUnit::getSymlinkRoots).containsOnly(List.of("/blobs"));
  }

  private static WindowSettings settings(long bytes, int ranges, int serialized) {
    return new WindowSettings(10, 1 << 20, 1, bytes, ranges, serialized);
  }

  private static UnitCutter.Cut cut(WindowSettings settings, UnitRange... ranges) {
    return cut(Plans.header(0), settings, List.of(ranges));
  }

  private static UnitCutter.Cut cut(
      ModelHeader header, WindowSettings settings, List<UnitRange> ranges) {
    return new UnitCutter(settings, List.of("/blobs")).cut(header, ranges, List.of(), NONE);
  }

  private static UnitRange range(String name, long length) {
    return Plans.range(name, length);
  }

  private static List<List<String>> names(UnitCutter.Cut cut) {
    return cut.units().stream()
        .map(unit -> unit.getRanges().stream().map(UnitRange::getName).toList())
        .toList();
  }
}
