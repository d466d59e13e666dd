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
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
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
    return new UnitCutter(settings, List.of("/blobs"))
        .cut(Plans.header(0), List.of(ranges), List.of(), NONE);
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
