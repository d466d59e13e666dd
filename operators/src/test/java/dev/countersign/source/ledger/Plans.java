package dev.countersign.source.ledger;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.UnitRange;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.UnitCutter;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.storage.BlockHosts;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Plans for tests: models of one-range units of given sizes. */
public final class Plans {

  private Plans() {}

  public static ModelHeader header(long entryId) {
    return ModelHeader.newBuilder()
        .setEntryId(entryId)
        .setOperation(Operation.SIGN)
        .setModel("/models/" + entryId)
        .setHashType("sha256")
        .setMethod("files")
        .build();
  }

  /** A model with one unit for each size. */
  public static ModelPlan ofUnits(long entryId, long... sizes) {
    return ofUnits(entryId, "fingerprint", sizes);
  }

  public static ModelPlan ofUnits(long entryId, String fingerprint, long... sizes) {
    List<UnitRange> ranges = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      ranges.add(range("file" + i, sizes[i]));
    }
    return ofUnits(entryId, fingerprint, ranges);
  }

  /** A model with one unit for each range; {@code fingerprint} is that of its content. */
  public static ModelPlan ofUnits(long entryId, String fingerprint, List<UnitRange> ranges) {
    return ofUnits(entryId, fingerprint, ranges, name -> List.of());
  }

  /** As the other method, of files that machines hold, by name. */
  public static ModelPlan ofUnits(
      long entryId,
      String fingerprint,
      List<UnitRange> ranges,
      Function<String, List<String>> machines) {
    ModelHeader header = header(entryId);
    WindowSettings alone = new WindowSettings(10, 1 << 20, 1, 1, 10, 1 << 20);
    return ModelPlan.of(
        new UnitCutter(alone, List.of())
            .cut(
                header,
                ranges,
                List.of(),
                new DifferenceCounts(0L, 0L, 0L, 0L),
                name -> new BlockHosts(List.of(0L), List.of(machines.apply(name)))),
        header,
        fingerprint);
  }

  public static ModelPlan failing(long entryId) {
    return ModelPlan.failed(
        header(entryId), new ModelFailure(FailureReason.EMPTY_MODEL, "nothing in it"));
  }

  public static UnitRange range(String name, long length) {
    UnitRange range = new UnitRange();
    range.setName(name);
    range.setStart(0);
    range.setEnd(-1L);
    range.setLength(length);
    range.setVersion("v1");
    range.setExpected(ByteBuffer.allocate(0));
    range.setKnown(ByteBuffer.allocate(0));
    return range;
  }
}
