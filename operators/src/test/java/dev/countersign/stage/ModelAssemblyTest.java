package dev.countersign.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCause;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.RangeDigest;
import dev.countersign.schemas.UnitRecord;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ModelAssemblyTest {

  @Test
  void merge_inAnyOrder_givesTheSame() {
    UnitRecord a = StageRecords.unit(1, 1, 0, 3);
    UnitRecord b = StageRecords.unit(1, 1, 1, 3);
    UnitRecord c = StageRecords.unit(1, 1, 2, 3);

    AssembledModel model = AssembleManifest.merge(List.of(c, a, b), List.of(), 100);

    assertThat(model).isEqualTo(AssembleManifest.merge(List.of(a, b, c), List.of(), 100));
    assertThat(model.getDigests())
        .extracting(RangeDigest::getName)
        .containsExactly("file0", "file1", "file2");
    assertThat(model.getBytes()).isEqualTo(30);
    assertThat(model.getFiles()).isEqualTo(3);
    assertThat(model.getVerdict()).isNull();
  }

  @Test
  void merge_ofMoreDifferencesThanAreKept_sumsTheCountsAndKeepsTheFirst() {
    AssembledModel model =
        AssembleManifest.merge(
            List.of(StageRecords.differing(1, 2, 3), StageRecords.differing(0, 2, 4)),
            List.of(),
            5);

    assertThat(model.getCounts()).isEqualTo(new DifferenceCounts(2L, 4L, 7L, 2L));
    assertThat(model.getDifferences())
        .extracting(Difference::getName)
        .containsExactly("file0-0", "file0-1", "file0-2", "file0-3", "file1-0");
  }

  @Test
  void merge_sortsDifferencesByKindAndName() {
    UnitRecord unit = StageRecords.unit(1, 1, 0, 1);
    unit.setDifferences(
        List.of(
            new Difference(DifferenceKind.CHANGED, "a", "", "", "", DifferenceCause.NONE),
            new Difference(DifferenceKind.EXTRA, "b", "", "", "", DifferenceCause.NONE),
            new Difference(DifferenceKind.MISSING, "d", "", "", "", DifferenceCause.NONE),
            new Difference(DifferenceKind.MISSING, "c", "", "", "", DifferenceCause.NONE)));

    assertThat(AssembleManifest.merge(List.of(unit), List.of(), 100).getDifferences())
        .extracting(difference -> difference.getKind() + " " + difference.getName())
        .containsExactly("MISSING c", "MISSING d", "EXTRA b", "CHANGED a");
  }

  @Test
  void merge_leavesItsInputAsItWas() {
    UnitRecord unit = StageRecords.differing(0, 1, 3);
    UnitRecord before = UnitRecord.newBuilder(unit).build();

    AssembledModel model =
        AssembleManifest.merge(List.of(unit, StageRecords.differing(1, 2, 3)), List.of(), 2);

    assertThat(model.getDifferences()).hasSize(2);
    assertThat(unit).isEqualTo(before);
  }

  @Test
  void merge_ofUnitsWithoutCounts_countsNothing() {
    UnitRecord unit = StageRecords.unit(1, 1, 0, 1);
    unit.setCounts(null);

    assertThat(AssembleManifest.merge(List.of(unit), List.of(), 1).getCounts())
        .isEqualTo(new DifferenceCounts(0L, 0L, 0L, 0L));
  }

  @Test
  void decided_passesTheVerdictOn() {
    AssembledModel model = AssembleManifest.decided(StageRecords.verdict(1, 1, 4));

    assertThat(model.getVerdict().getReason()).isEqualTo(FailureReason.UNREADABLE);
    assertThat(model.getDigests()).isEmpty();
    assertThat(model.getBytes()).isZero();
  }
}
